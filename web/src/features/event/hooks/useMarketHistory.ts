import { useEffect } from "react";
import { useRest } from "@/lib/rest";
import { cellKey, marginKey } from "@/lib/store/oddsStore";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { fetchHistory } from "../api/fetchHistory";
import { fetchRunTimes } from "../api/fetchRunTimes";

/** Stored changes follow a pushed one within a batch of writing. */
const SETTLE_MS = 3000;

/** Return a market's history at every bookmaker, asked again after a change of one of its prices was pushed. */
export function useMarketHistory(eventId: string, market: string) {
  const store = useOddsStore();
  const layout = useLayout();
  const column = layout.columns.findIndex(({ key }) => key === market);
  const answer = useRest(
    ["history", eventId, market],
    (signal) => fetchHistory(eventId, market, signal),
    market !== "",
  );
  const { refetch } = answer;
  useEffect(() => {
    if (column < 0) return;
    let planned: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      planned ??= setTimeout(() => {
        planned = undefined;
        refetch();
      }, SETTLE_MS);
    };
    const outcomes = layout.columns[column]!.outcomes.length;
    const stops = layout.bookmakers.flatMap((_, bookmaker) => [
      store.subscribe(marginKey(eventId, bookmaker, column), changed),
      ...Array.from({ length: outcomes }, (_, outcome) =>
        store.subscribe(cellKey(eventId, bookmaker, column, outcome), changed),
      ),
    ]);
    return () => {
      clearTimeout(planned);
      for (const stop of stops) stop();
    };
  }, [store, layout, refetch, eventId, market, column]);
  return answer;
}

export function useRunTimes(): readonly number[] {
  return useRest(["run-times"], fetchRunTimes).data ?? NONE;
}

const NONE: readonly number[] = [];
