import { fetchJson } from "@/lib/http";
import {
  decodeCompetition,
  decodeListingState,
  decodeMarketState,
  decodeTextsById,
} from "@/lib/wire/decodeBoard";
import {
  asText,
  asTextOrNull,
  asTexts,
  list,
  number,
  numberOr,
  record,
  text,
  textOr,
  type Json,
} from "@/lib/wire/read";
import type { CompetitionWire, ListingState, MarketState } from "@/types/wire";

const REFRESH_MS = 60_000;

/** One event with all its markets at every bookmaker that lists it. */
export interface EventWire {
  id: string;
  home: string;
  away: string;
  kickoffAt: string;
  competition: CompetitionWire;
  /** Bookmakers disagree on the kick-off by more than five minutes. */
  check: boolean;
  listings: EventListing[];
}

export interface EventListing {
  bookmaker: string;
  state: ListingState;
  confirmedAt: string | null;
  marketConfirmedAt: Record<string, string> | null;
  /** Markets that are offered but not read, at least in part: market id -> the bookmaker's name of it. */
  unread: Record<string, string> | null;
  markets: EventMarket[];
  unmapped: UnmappedMarket[];
}

export interface EventMarket {
  marketId: string;
  line: string;
  name: string;
  groups: readonly string[];
  winners: number | null;
  state: MarketState;
  suspect: readonly string[];
  changedAt: string | null;
  outcomes: { name: string; odds: number | null; suspended: boolean }[];
}

/** A market of a bookmaker that has no equal here. */
export interface UnmappedMarket {
  id: string;
  name: string;
  outcomes: number;
}

/** @throws HttpError 404 when nobody lists it. @throws NoAnswer, TypeError, WireError */
export async function fetchEvent(id: string, signal?: AbortSignal): Promise<EventWire> {
  return decodeEvent(await fetchJson(`/api/events/${id}`, { cache: "no-cache", ...(signal && { signal }) }));
}

/** Have the event fetched at every bookmaker now, and return it with its new prices. */
export async function refreshEvent(id: string): Promise<EventWire> {
  return decodeEvent(await fetchJson(`/api/events/${id}/refresh`, { method: "POST", timeoutMs: REFRESH_MS }));
}

export function decodeEvent(body: unknown): EventWire {
  const event = record(body, "event");
  return {
    id: text(event, "sportradar_id", "event"),
    home: text(event, "home", "event"),
    away: text(event, "away", "event"),
    kickoffAt: text(event, "kickoff_at", "event"),
    competition: decodeCompetition(event.competition, "event.competition"),
    check: event.check === true,
    listings: list(event, "bookmakers", "event", listing),
  };
}

function listing(value: unknown, path: string): EventListing {
  const row = record(value, path);
  return {
    bookmaker: text(row, "bookmaker", path),
    state: decodeListingState(row.state),
    confirmedAt: asTextOrNull(row.confirmed_at),
    marketConfirmedAt: decodeTextsById(row.market_confirmed_at),
    unread: decodeTextsById(row.unread),
    markets: list(row, "markets", path, (each, at) => market(record(each, at), at)),
    unmapped: list(row, "unmapped", path, unmapped),
  };
}

function market(row: Json, path: string): EventMarket {
  return {
    marketId: text(row, "market_id", path),
    line: textOr(row, "line", ""),
    name: textOr(row, "name", text(row, "market_id", path)),
    groups: list(row, "groups", path, asText),
    winners: numberOr(row, "winners", null),
    state: decodeMarketState(row.state),
    suspect: asTexts(row.suspect, `${path}.suspect`),
    changedAt: asTextOrNull(row.changed_at),
    outcomes: list(row, "outcomes", path, outcome),
  };
}

function outcome(value: unknown, path: string) {
  const row = record(value, path);
  return {
    name: text(row, "name", path),
    odds: numberOr(row, "odds", null),
    suspended: row.state === "suspended",
  };
}

function unmapped(value: unknown, path: string): UnmappedMarket {
  const row = record(value, path);
  return {
    id: text(row, "id", path),
    name: textOr(row, "name", ""),
    outcomes: number(row, "outcomes", path),
  };
}
