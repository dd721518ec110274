import { createContext, use, useCallback, useSyncExternalStore } from "react";
import type { SourceHealthWire, World } from "@/types/wire";
import type { Link, Runs, StatusKey, StatusStore } from "./statusStore";

export const StatusStoreContext = createContext<StatusStore | null>(null);

export function useStatusStore(): StatusStore {
  const store = use(StatusStoreContext);
  if (store === null) throw new Error("no StatusStoreContext above this component");
  return store;
}

function useStatus<T>(key: StatusKey, read: (store: StatusStore) => T): T {
  const store = useStatusStore();
  const subscribe = useCallback((listener: () => void) => store.subscribe(key, listener), [store, key]);
  return useSyncExternalStore(subscribe, () => read(store));
}

export function useLink(): Link {
  return useStatus("link", (store) => store.link);
}

export function useRuns(): Runs {
  return useStatus("runs", (store) => store.runs);
}

export function useSources(): Readonly<Record<string, SourceHealthWire>> {
  return useStatus("sources", (store) => store.sources);
}

export function useWorld(): World | null {
  return useStatus("world", (store) => store.world);
}

export function useVersion(): string {
  return useStatus("world", (store) => store.version);
}

/** A number that grows with every change of the server's settings. */
export function useSettingsRevision(): number {
  return useStatus("settings", (store) => store.settings);
}
