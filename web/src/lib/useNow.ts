import { useSyncExternalStore } from "react";

/** One shared tick a second for ages and countdowns, running only while somebody shows one. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let tick = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) tick = Date.now(); // nobody kept it up to date
  timer ??= setInterval(() => {
    tick = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Return the browser's time, renewed once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => tick);
}
