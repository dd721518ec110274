import { useCallback, useSyncExternalStore } from "react";
import { StoredList } from "@/lib/storedList";

/** Ids of the events this browser's trader watches. */
export const watchList = new StoredList<string>(
  "overround.watched",
  (value): value is string => typeof value === "string" && /^\d+$/.test(value),
);

let known: { items: readonly string[]; set: ReadonlySet<string> } = { items: [], set: new Set() };

/** The watch list as a set, made once per change. */
export function watchedEvents(): ReadonlySet<string> {
  const items = watchList.get();
  if (items !== known.items) known = { items, set: new Set(items) };
  return known.set;
}

export function toggleWatched(eventId: string): void {
  const items = watchList.get();
  watchList.set(items.includes(eventId) ? items.filter((id) => id !== eventId) : [...items, eventId]);
}

export function useIsWatched(eventId: string): boolean {
  const read = useCallback(() => watchedEvents().has(eventId), [eventId]);
  return useSyncExternalStore(watchList.subscribe, read);
}
