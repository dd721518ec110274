import { useCallback, useEffect, useMemo, useRef } from "react";
import { useRows } from "@/lib/live/useWebSocket";
import { useAskAgain, useRest } from "@/lib/rest";
import { columnKey } from "@/lib/store/layout";
import { useOddsStore, useServerNow } from "@/lib/store/useOdds";
import { fetchExposures, type Exposures } from "../api/fetchExposures";
import { oldestConfirmation, type Exposure } from "../exposure";
import { queryOf, sorted, takes, type Filters } from "../filters";

const AGAIN_MS = 2000;

export interface ExposureList {
  data: Exposures | undefined;
  rows: readonly Exposure[];
  error: Error | null;
  retry: () => void;
  oldest: (row: Exposure) => number | null;
}

/**
 * Return the exposures that the filters select. They are asked again when a price moved, after a run, and when a leg
 * grows stale: an exposure opens and closes with these only.
 */
export function useExposures(filters: Filters, zone: string): ExposureList {
  const now = useServerNow();
  const query = queryOf(filters);
  const { data, error, refetch } = useRest(["/api/exposure", query], (signal) =>
    fetchExposures(query, signal),
  );
  useAskAgain(refetch);
  const soon = useSoon(refetch);
  useRows("movements", soon);
  const store = useOddsStore();
  const oldest = useCallback(
    (row: Exposure) => {
      const market = { marketId: row.marketId, key: columnKey(row.marketId, row.line) };
      return oldestConfirmation(row, (code) => store.confirmedAt(row.eventId, code, market));
    },
    [store],
  );
  const stale = data?.rows.some(
    (row) => row.closedAt === null && now - (oldest(row) ?? now) > store.staleAfterMs,
  );
  useEffect(() => {
    if (stale === true) soon();
  }, [stale, soon]);
  const rows = useMemo(
    () => data?.rows.filter((row) => takes(filters, row, now, zone)) ?? [],
    [data, filters, now, zone],
  );
  return { data, rows: sorted(rows, filters.sort, oldest), error, retry: refetch, oldest };
}

/** Return a function that has something done within two seconds, once however often it is called till then. */
function useSoon(act: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const current = useRef(act);
  useEffect(() => {
    current.current = act;
  });
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      current.current();
    }, AGAIN_MS);
  }, []);
}
