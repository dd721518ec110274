import { createContext, use, useCallback, useSyncExternalStore } from "react";
import { useNow } from "@/lib/useNow";
import {
  cellKey,
  crossingKey,
  EVENT_SET,
  headerKey,
  LAYOUT,
  marginKey,
  presenceKey,
  type OddsStore,
} from "./oddsStore";
import type { Layout } from "./layout";
import type { Crossing } from "./records";
import type { CellView, HeaderView, MarginView, Presence } from "./views";

/** The store itself, which never changes: what is in it reaches components by key, not by context. */
export const OddsStoreContext = createContext<OddsStore | null>(null);

export function useOddsStore(): OddsStore {
  const store = use(OddsStoreContext);
  if (store === null) throw new Error("no OddsStoreContext above this component");
  return store;
}

/** Return the server's time, renewed once a second. */
export function useServerNow(): number {
  useNow();
  return useOddsStore().now();
}

function useKey<T>(key: string, read: (store: OddsStore) => T): T {
  const store = useOddsStore();
  const subscribe = useCallback((listener: () => void) => store.subscribe(key, listener), [store, key]);
  return useSyncExternalStore(subscribe, () => read(store));
}

export function useCell(eventId: string, bookmaker: number, column: number, outcome: number): CellView {
  return useKey(cellKey(eventId, bookmaker, column, outcome), (store) =>
    store.cell(eventId, bookmaker, column, outcome),
  );
}

export function useMargin(eventId: string, bookmaker: number, column: number): MarginView | null {
  return useKey(marginKey(eventId, bookmaker, column), (store) => store.margin(eventId, bookmaker, column));
}

export function useHeader(eventId: string): HeaderView | null {
  return useKey(headerKey(eventId), (store) => store.header(eventId));
}

export function usePresences(eventId: string): readonly Presence[] | null {
  return useKey(presenceKey(eventId), (store) => store.presences(eventId));
}

export function useCrossing(eventId: string): Crossing | null {
  return useKey(crossingKey(eventId), (store) => store.crossing(eventId));
}

export function useLayout(): Layout {
  return useKey(LAYOUT, (store) => store.layout);
}

export function useLoaded(): boolean {
  return useKey(LAYOUT, (store) => store.loaded);
}

export function useEventCount(): number {
  return useKey(EVENT_SET, (store) => store.size);
}
