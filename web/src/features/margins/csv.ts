import type { CsvValue } from "@/lib/csv";
import { OWN } from "@/lib/bookmakers";
import type { CompetitionMargins, MarginRow } from "./margins";

export function tableHeader(rivals: readonly string[]): string[] {
  const books = [OWN, ...rivals].map((code) => `${code}_margin_pct`);
  return [
    "country",
    "competition",
    "competition_id",
    "market_id",
    "market",
    "line",
    ...books,
    "difference_points",
    "events",
    "opening_pct",
    "closing_pct",
  ];
}

export function tableCsv(rows: readonly MarginRow[], rivals: readonly string[]): CsvValue[][] {
  return rows.map((row): CsvValue[] => [
    row.competition.country,
    row.competition.name,
    row.competition.id,
    row.marketId,
    row.market,
    row.line,
    percent(row.own),
    ...rivals.map((code) => percent(row.rivals[code] ?? null)),
    percent(row.difference),
    row.events,
    percent(row.closes[OWN]?.opening ?? null),
    percent(row.closes[OWN]?.closing ?? null),
  ]);
}

export const LEAGUE_CSV = ["competition_id", "market_id", "market", "line", "bookmaker", "band", "min_pct", "mean_pct", "max_pct", "hours", "uptime_pct"] as const; // prettier-ignore

export function leagueCsv({ competition, markets, bands }: CompetitionMargins): CsvValue[][] {
  return markets.flatMap((market) =>
    market.books.flatMap(({ bookmaker, bands: spreads }) =>
      spreads.map((each, index): CsvValue[] => [
        competition.id,
        market.marketId,
        market.market,
        market.line,
        bookmaker,
        bands[index] ?? "",
        percent(each.min),
        percent(each.mean),
        percent(each.max),
        each.hours,
        percent(each.uptime),
      ]),
    ),
  );
}

function percent(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10_000) / 100;
}
