import { csvText, type CsvValue } from "@/lib/csv";
import { median, gapTo } from "@/lib/odds";
import type { Layout } from "@/lib/store/layout";
import type { OddsStore } from "@/lib/store/oddsStore";
import {
  confirmedAtOf,
  marginOf,
  marketOf,
  rivalPrices,
  usablePrice,
  type EventRecord,
} from "@/lib/store/records";
import { cellView, STILL } from "@/lib/store/views";
import { withOffset } from "@/lib/timezone";

export const CSV_COLUMNS = [
  "sportradar_id",
  "kickoff_at",
  "kickoff_local",
  "country",
  "competition",
  "home",
  "away",
  "market_id",
  "market",
  "line",
  "outcome",
  "bookmaker",
  "odds",
  "state",
  "changed_at",
  "confirmed_at",
  "gap_median_pct",
  "overround_pct",
] as const;

export interface CsvQuery {
  /** Indexes of the markets and of the bookmakers, in the order to write. */
  columns: readonly number[];
  books: readonly number[];
  zone: string;
}

/** One row per outcome and bookmaker of every event, in view order; what was never offered has no row. */
export function boardCsv(store: OddsStore, ids: readonly string[], query: CsvQuery): CsvValue[][] {
  const rows: CsvValue[][] = [];
  for (const id of ids) {
    const event = store.event(id);
    if (event === undefined) continue;
    for (const column of query.columns) rows.push(...marketRows(store, event, column, query));
  }
  return rows;
}

function marketRows(store: OddsStore, event: EventRecord, column: number, query: CsvQuery): CsvValue[][] {
  const { layout } = store;
  const { marketId, line, name, outcomes } = layout.columns[column]!;
  const rows: CsvValue[][] = [];
  outcomes.forEach((outcome, index) => {
    const reference = median(rivalPrices(layout, event, column, index));
    for (const bookmaker of query.books) {
      const market = marketOf(layout, event, bookmaker, column);
      const odds = market?.odds[index] ?? null;
      const state = stateOf(layout, event, bookmaker, column, index);
      if (market === undefined || (odds === null && state === "absent")) continue;
      const price = usablePrice(layout, event, bookmaker, column, index);
      const margin = marginOf(layout, event, bookmaker, column);
      const listing = event.listings[bookmaker];
      const confirmed = listing === undefined ? -Infinity : confirmedAtOf(listing, layout.columns[column]!);
      rows.push([
        event.id,
        iso(event.kickoffAt),
        withOffset(event.kickoffAt, query.zone),
        event.competition.country,
        event.competition.name,
        event.home,
        event.away,
        marketId,
        name,
        line,
        outcome,
        layout.bookmakers[bookmaker]!.code,
        odds,
        state,
        iso(market.changedAt),
        Number.isFinite(confirmed) ? iso(confirmed) : "",
        price === null || reference === null ? "" : rounded(gapTo(price, reference) * 100),
        margin === null ? "" : rounded(margin * 100),
      ]);
    }
  });
  return rows;
}

/** How far a price may be trusted, in one word: what the grid says by strike, shade and outline. */
function stateOf(
  layout: Layout,
  event: EventRecord,
  bookmaker: number,
  column: number,
  outcome: number,
): string {
  const view = cellView(layout, event, { bookmaker, column, outcome }, "median", STILL);
  if (view.state !== "open") return view.state;
  if (event.started) return "started";
  if (view.stale) return "stale";
  return view.suspect ? "suspect" : "open";
}

function rounded(value: number): number {
  const result = Math.round(value * 100) / 100;
  return result === 0 ? 0 : result; // never −0
}

function iso(at: number | null): string {
  return at === null ? "" : new Date(at).toISOString();
}

/** "overround_board_2026-02-06T1205Z.csv" */
export function csvFileName(at: number): string {
  return `overround_board_${new Date(at).toISOString().slice(0, 16).replace(/:/g, "")}Z.csv`;
}

export function boardCsvText(rows: readonly (readonly CsvValue[])[], withMark: boolean): string {
  return csvText(CSV_COLUMNS, rows, withMark);
}
