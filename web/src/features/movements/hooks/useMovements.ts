import { useEffect, useMemo, useRef, useState } from "react";
import { useRows } from "@/lib/live/useWebSocket";
import { useAskAgain, useRest } from "@/lib/rest";
import { useServerNow } from "@/lib/store/useOdds";
import { fetchMovements } from "../api/fetchMovements";
import { queryOf, takes, type Filters } from "../filters";
import { decodeMovement, type Movement } from "../movement";
import { newestFirst, shownRows, type Shown } from "../shown";

const PAINT_MS = 250;
const KEPT = 5000;
const TICK_MS = 5000;
const NOTHING: ReadonlyMap<string, Movement> = new Map();

export interface MovementList extends Shown {
  loading: boolean;
  error: Error | null;
  /** Matches that the server has beyond those fetched. */
  unfetched: number;
  /** Everything that matches now, waiting ones included. */
  matching: readonly Movement[];
  all: readonly Movement[];
  retry: () => void;
  /** Take in what waits, though the list is held. */
  showNew: () => void;
}

/** Return the movements that the filters select, kept up to date by pushed rows. @param held Whether rows may not move. */
export function useMovements(filters: Filters, held: boolean): MovementList {
  const now = useServerNow();
  const query = queryOf(filters);
  const answer = useRest(["/api/movements", query], (signal) => fetchMovements(query, signal));
  const { refetch } = answer;
  useAskAgain(refetch);
  const pushed = usePushed();
  const fetched = answer.data;
  // Nothing is shown before the answer: what was pushed till then would be moved by it.
  const all = useMemo(() => merged(fetched?.rows, pushed), [fetched, pushed]);
  // Rows leave the window by the server's clock, five seconds late at most.
  const at = Math.floor(now / TICK_MS) * TICK_MS;
  const matching = useMemo(
    () => newestFirst([...all.values()].filter((row) => takes(filters, row, at))),
    [all, filters, at],
  );
  const [still, setStill] = useState<{ query: string; rows: readonly Movement[] } | null>(null);
  if (!held || fetched === undefined) {
    if (still !== null) setStill(null);
  } else if (still?.query !== query) setStill({ query, rows: matching }); // other filters are another list
  return {
    ...shownRows(matching, all, still?.rows ?? null),
    loading: answer.data === undefined && answer.error === null,
    error: answer.error,
    unfetched: Math.max(0, (fetched?.total ?? 0) - (fetched?.rows.length ?? 0)),
    matching,
    all: [...all.values()],
    retry: refetch,
    showNew: () => {
      setStill(held ? { query, rows: matching } : null);
    },
  };
}

function merged(
  fetched: readonly Movement[] | undefined,
  pushed: ReadonlyMap<string, Movement>,
): ReadonlyMap<string, Movement> {
  if (fetched === undefined) return NOTHING;
  const all = new Map(fetched.map((row) => [row.id, row]));
  for (const row of pushed.values()) {
    const before = all.get(row.id);
    if (before === undefined || row.changedAt >= before.changedAt) all.set(row.id, row);
  }
  return all;
}

/** Rows as they are pushed, painted four times a second at most; the newest 5,000 are kept. */
function usePushed(): ReadonlyMap<string, Movement> {
  const rows = useRef(new Map<string, Movement>());
  const [shown, setShown] = useState<ReadonlyMap<string, Movement>>(NOTHING);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  useRows("movements", (body) => {
    const row = decodeMovement(body);
    rows.current.delete(row.id);
    rows.current.set(row.id, row);
    if (rows.current.size > KEPT) rows.current.delete(rows.current.keys().next().value!);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setShown(new Map(rows.current));
    }, PAINT_MS);
  });
  return shown;
}
