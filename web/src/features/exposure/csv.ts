import type { CsvValue } from "@/lib/csv";
import { withOffset } from "@/lib/timezone";
import type { Exposure } from "./exposure";

export const CSV_COLUMNS = [
  "id",
  "opened_at",
  "opened_local",
  "closed_at",
  "closed_by",
  "sportradar_id",
  "kickoff_at",
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
  "changed_at",
  "confirmed_at",
  "sum",
  "profit_pct",
  "peak_pct",
  "peak_at",
  "mine",
  "hidden_by",
] as const;

/** One row per leg, in view order. */
export function exposureCsv(rows: readonly Exposure[], zone: string): CsvValue[][] {
  return rows.flatMap((row) =>
    row.legs.map((leg): CsvValue[] => [
      row.id,
      iso(row.openedAt),
      withOffset(row.openedAt, zone),
      iso(row.closedAt),
      row.closedBy ?? "",
      row.eventId,
      iso(row.kickoffAt),
      row.competition?.country ?? "",
      row.competition?.name ?? "",
      row.home,
      row.away,
      row.marketId,
      row.market,
      row.line,
      leg.outcome,
      leg.bookmaker,
      leg.odds,
      iso(leg.changedAt),
      iso(leg.confirmedAt),
      rounded(row.total),
      rounded(row.profit * 100),
      rounded(row.peak * 100),
      iso(row.peakAt),
      row.mine ? "yes" : "no",
      row.suppressed.join(" "),
    ]),
  );
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function iso(at: number | null): string {
  return at === null ? "" : new Date(at).toISOString();
}
