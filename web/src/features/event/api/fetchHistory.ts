import { fetchJson } from "@/lib/http";
import { decodeMarketState } from "@/lib/wire/decodeBoard";
import {
  asNumberOrNull,
  asText,
  asTexts,
  list,
  number,
  numberOr,
  record,
  text,
  textOr,
} from "@/lib/wire/read";
import type { MarketState } from "@/types/wire";

const POINTS = 600;

/** A market's prices over time at every bookmaker; odds in the order of `outcomes`, times in ms. */
export interface History {
  now: number;
  kickoffAt: number;
  outcomes: readonly string[];
  books: readonly BookHistory[];
}

export interface BookHistory {
  bookmaker: string;
  /** Changes that are stored, of which `points` may be a selection. */
  total: number;
  points: readonly Point[];
  opening: Mark;
  closing: Mark;
}

export interface Point {
  at: number;
  state: MarketState;
  odds: readonly (number | null)[];
  /** Names of the outcomes that are shown but locked. */
  suspended: readonly string[];
  overround: number | null;
}

/** Opening or closing: odds are null for the reason given. */
export interface Mark {
  at: number | null;
  odds: readonly (number | null)[] | null;
  reason: string;
}

/** @param market Key as the address writes it. @throws HttpError, NoAnswer, TypeError, WireError */
export async function fetchHistory(eventId: string, market: string, signal: AbortSignal): Promise<History> {
  const [id = "", line = ""] = market.split(":");
  const query = new URLSearchParams({ points: String(POINTS), ...(line !== "" && { line }) });
  const path = `/api/events/${eventId}/markets/${encodeURIComponent(id)}/history?${query.toString()}`;
  return decodeHistory(await fetchJson(path, { signal }));
}

export function decodeHistory(body: unknown): History {
  const answer = record(body, "history");
  return {
    now: Date.parse(text(answer, "now", "history")),
    kickoffAt: Date.parse(text(answer, "kickoff_at", "history")),
    outcomes: list(answer, "outcomes", "history", asText),
    books: list(answer, "bookmakers", "history", (value, path) => {
      const row = record(value, path);
      return {
        bookmaker: text(row, "bookmaker", path),
        total: number(row, "total", path),
        points: list(row, "points", path, point),
        opening: mark(row.opening, `${path}.opening`),
        closing: mark(row.closing, `${path}.closing`),
      };
    }),
  };
}

function point(value: unknown, path: string): Point {
  const row = record(value, path);
  return {
    at: Date.parse(text(row, "at", path)),
    state: decodeMarketState(row.state),
    odds: list(row, "odds", path, asNumberOrNull),
    suspended: asTexts(row.suspended, `${path}.suspended`),
    overround: numberOr(row, "overround", null),
  };
}

function mark(value: unknown, path: string): Mark {
  const row = record(value, path);
  const at = Date.parse(textOr(row, "at", ""));
  return {
    at: Number.isNaN(at) ? null : at,
    odds: Array.isArray(row.odds) ? list(row, "odds", path, asNumberOrNull) : null,
    reason: textOr(row, "reason", ""),
  };
}
