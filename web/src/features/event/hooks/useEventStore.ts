import { use, useCallback, useEffect, useState } from "react";
import { HttpError } from "@/lib/http";
import { ConnectionContext } from "@/lib/live/useWebSocket";
import { EMPTY_LAYOUT } from "@/lib/store/layout";
import { OddsStore } from "@/lib/store/oddsStore";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useLink } from "@/lib/store/useStatus";
import { fetchEvent, refreshEvent, type EventWire } from "../api/fetchEvent";
import { eventBoard } from "../eventBoard";

const POLL_MS = 15_000;
const SWEEP_MS = 1000;

/** An event's own prices and what else its answer told. */
export interface EventState {
  store: OddsStore;
  /** null before the first answer. */
  event: EventWire | null;
  groups: ReadonlyMap<string, readonly string[]>;
  /** Nobody lists an event with this id. */
  unknown: boolean;
  /** Why the newest question failed, "" when it did not. */
  failure: string;
  refreshing: boolean;
  reload: () => void;
  refresh: () => void;
}

type Read = Pick<EventState, "event" | "groups" | "unknown" | "failure">;

const NOTHING: Read = { event: null, groups: new Map(), unknown: false, failure: "" };

/**
 * Keep an event with all its markets in a store of its own: read once, then pushed; polled while there is no link.
 * For one event: a component that shows another one is another one (`key`).
 */
export function useEventStore(eventId: string): EventState {
  const main = useOddsStore();
  const layout = useLayout();
  const link = useLink();
  const connection = use(ConnectionContext);
  const [store] = useState(() => new OddsStore());
  const [read, setRead] = useState(NOTHING);
  const [refreshing, setRefreshing] = useState(false);
  const [revision, setRevision] = useState(0);

  const take = useCallback(
    (asking: Promise<EventWire>) =>
      asking.then(
        (event) => {
          const { board, groups } = eventBoard(event, {
            bookmakers: main.layout.bookmakers,
            now: main.now(),
            staleAfterMs: main.staleAfterMs,
          });
          store.setReference(main.reference);
          store.loadBoard(board);
          setRead({ event, groups, unknown: false, failure: "" });
          setRevision((count) => count + 1);
        },
        (error: unknown) => {
          const unknown = error instanceof HttpError && error.status === 404;
          const failure = error instanceof Error ? error.message : String(error);
          setRead((before) => ({ ...before, unknown, failure }));
        },
      ),
    [main, store],
  );
  const reload = useCallback(() => void take(fetchEvent(eventId)), [take, eventId]);
  const ready = layout !== EMPTY_LAYOUT;
  useEffect(() => {
    if (ready) reload();
  }, [ready, layout, reload]);

  // Each answer is older than what was pushed meanwhile: the topic is followed anew from a snapshot.
  useEffect(() => {
    if (revision === 0 || connection === null) return;
    let planned: ReturnType<typeof setTimeout> | undefined;
    const stop = connection.follow(eventId, store, () => {
      planned ??= setTimeout(reload, SWEEP_MS); // a market without a column
    });
    return () => {
      clearTimeout(planned);
      stop();
    };
  }, [connection, eventId, store, reload, revision]);

  useEffect(() => {
    if (!ready || link.state === "live") return;
    const timer = setInterval(reload, POLL_MS);
    return () => {
      clearInterval(timer);
    };
  }, [ready, link.state, reload]);

  useStoreClock(store, main);
  const refresh = useCallback(() => {
    setRefreshing(true);
    void take(refreshEvent(eventId)).then(() => {
      setRefreshing(false);
    });
  }, [take, eventId]);
  return { ...read, store, refreshing, reload, refresh };
}

/** Let time pass in the event's store: prices grow stale, arrows fade; a hidden tab paints nothing. */
function useStoreClock(store: OddsStore, main: OddsStore): void {
  useEffect(() => {
    const visibility = () => {
      store.setPainting(document.visibilityState !== "hidden");
    };
    const timer = setInterval(() => {
      store.setServerTime(new Date(main.now()).toISOString());
      store.setReference(main.reference);
      if (store.staleAfterMs !== main.staleAfterMs) store.setStaleAfter(main.staleAfterMs / 1000);
      store.sweep();
    }, SWEEP_MS);
    document.addEventListener("visibilitychange", visibility);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", visibility);
    };
  }, [store, main]);
}
