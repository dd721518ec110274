import type { BoardWire, CompetitionWire, ListingState, MarketState, World } from "@/types/wire";
import {
  asNumber,
  asNumberOrNull,
  asText,
  asTextOrNull,
  asTexts,
  list,
  number,
  oneOf,
  record,
  text,
  textOr,
  WireError,
  type Json,
} from "./read";

const LISTING_STATES: readonly ListingState[] = ["open", "started", "withdrawn", "unknown"];
const MARKET_STATES: readonly MarketState[] = ["open", "suspended", "withdrawn"];
const WORLDS: readonly World[] = ["live", "simulated", "recorded"];

/**
 * Decode one `GET /api/board` answer. Added fields are ignored, fields of newer servers have defaults.
 *
 * @throws WireError A required field is missing, of another kind, or columns differ in length.
 */
export function decodeBoard(body: unknown): BoardWire {
  const board = record(body, "board");
  const bookmakers = list(board, "bookmakers", "board", asText);
  const markets = list(board, "markets", "board", asText);
  const names = list(board, "bookmaker_names", "board", asText);
  const marketNames = list(board, "market_names", "board", asText);
  return {
    epoch: text(board, "epoch", "board"),
    seq: number(board, "seq", "board"),
    now: text(board, "now", "board"),
    stale_after_s: number(board, "stale_after_s", "board"),
    world: decodeWorld(board.world) ?? "live",
    version: textOr(board, "version", ""),
    bookmakers,
    bookmaker_names: bookmakers.map((code, index) => names[index] ?? code),
    markets,
    market_names: markets.map((key, index) => marketNames[index] ?? key.replace("|", " ").trim()),
    outcomes: sameLength(list(board, "outcomes", "board", asTexts), markets.length, "board.outcomes"),
    winners: winners(board, markets.length),
    competitions: list(board, "competitions", "board", decodeCompetition),
    events: events(record(board.events, "board.events")),
    listings: listings(record(board.listings, "board.listings")),
    prices: prices(record(board.prices, "board.prices")),
  };
}

export function decodeCompetition(value: unknown, path: string): CompetitionWire {
  const row = record(value, path);
  return { id: text(row, "id", path), name: text(row, "name", path), country: textOr(row, "country", "") };
}

export function decodeWorld(value: unknown): World | null {
  return WORLDS.includes(value as World) ? (value as World) : null;
}

export function decodeListingState(value: unknown): ListingState {
  return oneOf(value, LISTING_STATES, "unknown");
}

export function decodeMarketState(value: unknown): MarketState {
  return oneOf(value, MARKET_STATES, "open");
}

/** Reads texts by market id, as `{market_id: at}`; null when there is nothing in it. */
export function decodeTextsById(value: unknown): Record<string, string> | null {
  if (typeof value !== "object" || value === null) return null;
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return texts.length > 0 ? Object.fromEntries(texts) : null;
}

function winners(board: Json, count: number): (number | null)[] {
  const given = list(board, "winners", "board", asNumberOrNull);
  return Array.from({ length: count }, (_, index) => given[index] ?? null);
}

function events(columns: Json): BoardWire["events"] {
  const id = list(columns, "id", "board.events", asText);
  const column = <T>(field: string, item: (value: unknown, path: string) => T): T[] =>
    sameLength(list(columns, field, "board.events", item), id.length, `board.events.${field}`);
  return {
    id,
    home: column("home", asText),
    away: column("away", asText),
    kickoff_at: column("kickoff_at", asText),
    competition: column("competition", asNumber),
  };
}

function listings(columns: Json): BoardWire["listings"] {
  const event = list(columns, "event", "board.listings", asNumber);
  const column = <T>(field: string, item: (value: unknown, path: string) => T): T[] =>
    sameLength(list(columns, field, "board.listings", item), event.length, `board.listings.${field}`);
  const marketTimes = list(columns, "market_confirmed_at", "board.listings", decodeTextsById);
  const unread = list(columns, "unread", "board.listings", decodeTextsById);
  return {
    event,
    bookmaker: column("bookmaker", asNumber),
    state: column("state", decodeListingState),
    confirmed_at: column("confirmed_at", asTextOrNull),
    market_confirmed_at: event.map((_, index) => marketTimes[index] ?? null),
    unread: event.map((_, index) => unread[index] ?? null),
  };
}

function prices(columns: Json): BoardWire["prices"] {
  const event = list(columns, "event", "board.prices", asNumber);
  const column = <T>(field: string, item: (value: unknown, path: string) => T): T[] =>
    sameLength(list(columns, field, "board.prices", item), event.length, `board.prices.${field}`);
  const states = list(columns, "state", "board.prices", decodeMarketState);
  const suspect = list(columns, "suspect", "board.prices", asTexts);
  return {
    event,
    bookmaker: column("bookmaker", asNumber),
    market: column("market", asNumber),
    odds: column("odds", oddsRow),
    suspended: column("suspended", asNumber),
    changed_at: column("changed_at", asTextOrNull),
    state: event.map((_, index) => states[index] ?? "open"),
    suspect: event.map((_, index) => suspect[index] ?? []),
  };
}

function oddsRow(value: unknown, path: string): (number | null)[] {
  if (!Array.isArray(value)) throw new WireError(`${path} should be a list`);
  return value.map((odds, index) => asNumberOrNull(odds, `${path}[${index}]`));
}

function sameLength<T>(column: T[], length: number, path: string): T[] {
  if (column.length !== length) throw new WireError(`${path} has ${column.length} rows, expected ${length}`);
  return column;
}
