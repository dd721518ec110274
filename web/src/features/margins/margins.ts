import type { CompetitionWire } from "@/types/wire";
import { competitionOf, momentOrNull } from "@/lib/wire/marketRef";
import {
  asNumberOrNull,
  asText,
  list,
  number,
  numberOr,
  optionalRecord,
  record,
  text,
  textOr,
  type Json,
} from "@/lib/wire/read";

export interface Close {
  events: number;
  opening: number | null;
  closing: number | null;
}

interface Market {
  marketId: string;
  line: string;
  market: string;
  events: number;
  closes: Readonly<Record<string, Close>>;
}

/** One market of one league: time-weighted mean margins as fractions. */
export interface MarginRow extends Market {
  competition: CompetitionWire;
  own: number | null;
  rivals: Readonly<Record<string, number | null>>;
  /** Ours less the rivals' mean; negative where ours is lower. */
  difference: number | null;
  /** Our mean of each of the last 30 days, oldest first. */
  sparkline: readonly (number | null)[];
}

export interface Margins {
  rows: readonly MarginRow[];
  total: number;
  until: number | null;
}

function market(row: Json, path: string): Market {
  const closes = optionalRecord(row.closes, path);
  return {
    marketId: text(row, "market_id", path),
    line: textOr(row, "line", ""),
    market: textOr(row, "name", ""),
    events: numberOr(row, "events", 0),
    closes: Object.fromEntries(
      Object.entries(closes).map(([code, value]) => {
        const close = record(value, path);
        return [
          code,
          {
            events: number(close, "events", path),
            opening: numberOr(close, "opening", null),
            closing: numberOr(close, "closing", null),
          },
        ];
      }),
    ),
  };
}

/** @throws WireError Another shape. */
export function decodeMargins(body: unknown): Margins {
  const answer = record(body, "margins");
  return {
    rows: list(answer, "margins", "margins", (value, path) => {
      const row = record(value, path);
      const rivals = optionalRecord(row.rivals, path);
      return {
        ...market(row, path),
        competition: competitionOf(row.competition, path) ?? { id: "", name: "", country: "" },
        own: numberOr(row, "own", null),
        rivals: Object.fromEntries(
          Object.keys(rivals).map((code) => [code, asNumberOrNull(rivals[code], path)]),
        ),
        difference: numberOr(row, "difference", null),
        sparkline: list(row, "sparkline", path, asNumberOrNull),
      };
    }),
    total: number(answer, "total", "margins"),
    until: momentOrNull(answer.rolled_up_until),
  };
}

/** A bookmaker's margins over a time: fractions, and the hours of prices they rest on. */
export interface Spread {
  min: number | null;
  mean: number | null;
  max: number | null;
  hours: number;
  uptime: number | null;
}

export interface BookMargins {
  bookmaker: string;
  overall: Spread;
  /** One per band of time to kick-off, the furthest first as the server names them. */
  bands: readonly Spread[];
}

export interface MarketMargins extends Market {
  books: readonly BookMargins[];
}

export interface CompetitionMargins {
  competition: CompetitionWire;
  bands: readonly string[];
  markets: readonly MarketMargins[];
  until: number | null;
}

function spread(value: unknown, path: string): Spread {
  const row = record(value, path);
  return {
    min: numberOr(row, "min", null),
    mean: numberOr(row, "mean", null),
    max: numberOr(row, "max", null),
    hours: numberOr(row, "hours", 0),
    uptime: numberOr(row, "uptime", null),
  };
}

/** @throws WireError Another shape. */
export function decodeCompetition(body: unknown): CompetitionMargins {
  const answer = record(body, "margins");
  return {
    competition: competitionOf(answer.competition, "margins") ?? { id: "", name: "", country: "" },
    bands: list(answer, "bands", "margins", asText),
    until: momentOrNull(answer.rolled_up_until),
    markets: list(answer, "markets", "margins", (value, path) => {
      const row = record(value, path);
      return {
        ...market(row, path),
        books: list(row, "bookmakers", path, (each, at) => {
          const book = record(each, at);
          return {
            bookmaker: text(book, "bookmaker", at),
            overall: spread(book.overall, at),
            bands: list(book, "bands", at, spread),
          };
        }),
      };
    }),
  };
}

/** Blue where our margin is lower: our prices are better. 0 within a quarter of a point. */
export function tintOf(difference: number | null): "" | "better-1" | "better-2" | "worse-1" | "worse-2" {
  if (difference === null || Math.abs(difference) < 0.0025) return "";
  const step = Math.abs(difference) >= 0.01 ? 2 : 1;
  return difference < 0 ? `better-${step}` : `worse-${step}`;
}

/** Return the same scale for all charts of a page, with room above and below; null where there is nothing. */
export function scaleOf(values: readonly (number | null)[]): { low: number; high: number } | null {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = Math.max((high - low) * 0.08, 0.002);
  return { low: low - room, high: high + room };
}

/** Return each band's spread as its distance from ours, null where either has no mean. */
export function differences(book: BookMargins, own: BookMargins | undefined): BookMargins {
  return {
    ...book,
    bands: book.bands.map((band, index) => {
      const mean = own?.bands[index]?.mean ?? null;
      const minus = (value: number | null) => (value === null || mean === null ? null : value - mean);
      return { ...band, min: minus(band.min), mean: minus(band.mean), max: minus(band.max) };
    }),
  };
}
