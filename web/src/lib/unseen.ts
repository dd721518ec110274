import { useEffect, useSyncExternalStore } from "react";

/** How much there is on a page that the trader has not seen, by its path. */
let counts: Readonly<Record<string, number>> = {};
const listeners = new Set<() => void>();

function renew(next: Readonly<Record<string, number>>): void {
  counts = next;
  for (const listener of listeners) listener();
}

export function addUnseen(path: string): void {
  renew({ ...counts, [path]: (counts[path] ?? 0) + 1 });
}

/** Note that the trader looks at a page, for as long as it is shown. */
export function useSeen(path: string): void {
  const unseen = useUnseen()[path];
  useEffect(() => {
    if (unseen !== undefined)
      renew(Object.fromEntries(Object.entries(counts).filter(([each]) => each !== path)));
  }, [unseen, path]);
}

export function useUnseen(): Readonly<Record<string, number>> {
  return useSyncExternalStore(subscribe, () => counts);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
