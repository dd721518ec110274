import { median } from "@/lib/odds";
import type { OddsStore } from "@/lib/store/oddsStore";
import {
  bestPrice,
  isSuspect,
  marginOf,
  rivalPrices,
  usablePrice,
  type EventRecord,
} from "@/lib/store/records";

const DAY_MS = 86_400_000;

export interface EventFacts {
  /** Markets on offer, lines counted, by bookmaker. */
  markets: readonly number[];
  /** Share of comparable own prices that nobody beats, null without any. */
  bestShare: number | null;
  /** Mean of own margin minus the rivals' median margin, null without any. */
  marginToMedian: number | null;
  /** Markets that changed within the last day, all bookmakers together. */
  changed: number;
}

export function factsOf(store: OddsStore, event: EventRecord): EventFacts {
  const { layout } = store;
  const width = layout.columns.length;
  const markets = layout.bookmakers.map(
    (_, book) =>
      event.markets
        .slice(book * width, (book + 1) * width)
        .filter((market) => market !== undefined && market.state !== "withdrawn").length,
  );
  const since = store.now() - DAY_MS;
  const changed = event.markets.filter((market) => (market?.changedAt ?? 0) >= since).length;
  const [bestShare, marginToMedian] = [shareOfBest(store, event), meanMargin(store, event)];
  return { markets, bestShare, marginToMedian, changed };
}

function shareOfBest(store: OddsStore, event: EventRecord): number | null {
  const { layout } = store;
  let [compared, best] = [0, 0];
  layout.columns.forEach(({ outcomes }, column) => {
    for (let outcome = 0; outcome < outcomes.length; outcome++) {
      const price = usablePrice(layout, event, layout.own, column, outcome);
      if (price === null || rivalPrices(layout, event, column, outcome).length === 0) continue;
      compared++;
      if (price === bestPrice(layout, event, column, outcome)) best++;
    }
  });
  return compared === 0 ? null : best / compared;
}

function meanMargin(store: OddsStore, event: EventRecord): number | null {
  const { layout } = store;
  const differences: number[] = [];
  const margin = (book: number, column: number) => {
    const fresh = event.listings[book]?.state === "open" && !event.listings[book].stale[column];
    return fresh && !isSuspect(layout, event, book, column) ? marginOf(layout, event, book, column) : null;
  };
  for (let column = 0; column < layout.columns.length; column++) {
    const own = margin(layout.own, column);
    const rivals = layout.bookmakers.flatMap((_, book) =>
      book === layout.own ? [] : (margin(book, column) ?? []),
    );
    const reference = median(rivals);
    if (own !== null && reference !== null) differences.push(own - reference);
  }
  if (differences.length === 0) return null;
  return differences.reduce((sum, each) => sum + each, 0) / differences.length;
}
