import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { EVENT_SET, LAYOUT, type OddsStore } from "@/lib/store/oddsStore";
import { useOddsStore } from "@/lib/store/useOdds";
import { watchedEvents, watchList } from "../watchList";
import { countMoved, countRows, sameUpTo, selectRows, type RowQuery } from "../rows";

const LOOK_AGAIN_MS = 2000;

export interface Rows {
  ids: readonly string[];
  /** The events that were watched when the order was made: they stand first. */
  watched: ReadonlySet<string>;
  /** How many rows would move, appear or go if the order were applied now. */
  pending: number;
  apply: () => void;
}

/**
 * Return the events in view order. Live changes never move a row that is on screen: what they would move is counted,
 * and applied when asked for, when it lies below the screen, or while the Board is still filling.
 *
 * @param lastVisible Returns the index of the last row on screen.
 * @param filling Whether the first run is still bringing events in.
 */
export function useRows(query: RowQuery, lastVisible: () => number, filling: boolean): Rows {
  const store = useOddsStore();
  const key = JSON.stringify(query);
  const [shown, setShown] = useState(() => orderNow(store, query));
  const [pending, setPending] = useState(0);

  // Another filter or order, and the first rows, take effect before anything is painted: never "no event matches"
  // over a Board that has just come.
  if (shown.key !== key || (shown.ids.length === 0 && countRows(store, query) > 0)) {
    setShown(orderNow(store, query));
    setPending(0);
  }

  const state = useRef({ ids: shown.ids, query, lastVisible, filling });
  useEffect(() => {
    state.current = { ids: shown.ids, query, lastVisible, filling };
  });

  const apply = useCallback(() => {
    const { query } = state.current;
    setShown(orderNow(store, query));
    setPending(0);
  }, [store]);

  useLookAgain(store, () => {
    const { ids, query, lastVisible, filling } = state.current;
    const next = selectRows(store, query);
    const moved = countMoved(ids, next);
    const free = filling || ids.length === 0 || sameUpTo(Math.min(lastVisible(), ids.length - 1), ids, next);
    if (moved > 0 && free) apply();
    else setPending(moved);
  });

  return useMemo(() => ({ ids: shown.ids, watched: shown.watched, pending, apply }), [shown, pending, apply]);
}

function orderNow(store: OddsStore, query: RowQuery) {
  return { key: JSON.stringify(query), ids: selectRows(store, query), watched: watchedEvents() };
}

/** Look when events come or go and every two seconds, for orders that follow prices; not more than once a second. */
function useLookAgain(store: OddsStore, look: () => void): void {
  const current = useRef(look);
  useEffect(() => {
    current.current = look;
  });
  useEffect(() => {
    let planned: ReturnType<typeof setTimeout> | null = null;
    let first = true;
    const plan = () => {
      planned ??= setTimeout(
        () => {
          planned = null;
          current.current();
        },
        first ? 0 : 1000,
      );
      first = false;
    };
    const stopEvents = store.subscribe(EVENT_SET, plan);
    const stopLayout = store.subscribe(LAYOUT, plan);
    const stopWatched = watchList.subscribe(plan);
    const timer = setInterval(plan, LOOK_AGAIN_MS);
    return () => {
      stopEvents();
      stopLayout();
      stopWatched();
      clearInterval(timer);
      if (planned !== null) clearTimeout(planned);
    };
  }, [store]);
}
