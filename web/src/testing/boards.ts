import { decodeBoard } from "@/lib/wire/decodeBoard";
import type { BoardWire, ChangeWire, HeaderWire, ListingWire, OddsUpdateWire } from "@/types/wire";

/** When the tests' boards were made. */
export const NOW = Date.parse("2026-11-24T12:00:00.000Z");
export const EPOCH = "epoch-1";

export const BOOKMAKERS = ["betpawa", "sportybet", "bet9ja", "msport"] as const;
const MARKETS = ["3743|", "5000|2.5"];

/** Prices of one event: bookmaker → 1X2 and, if given, O/U 2.5; null for an outcome that is not offered. */
export interface EventPrices {
  id: string;
  home?: string;
  away?: string;
  kickoffAt?: number;
  competition?: { id: string; name: string; country: string };
  books: Partial<Record<(typeof BOOKMAKERS)[number], BookPrices>>;
}

export interface BookPrices {
  odds: (number | null)[];
  goals?: (number | null)[];
  suspended?: number;
  state?: string;
  suspect?: string[];
  listing?: string;
  ageS?: number;
}

const LEAGUE = { id: "football-nigeria-npfl", name: "NPFL", country: "Nigeria" };

/** Make the JSON of a `GET /api/board` answer. */
export function boardJson(events: EventPrices[], seq = 10): Record<string, unknown> {
  const competitions = [
    ...new Map(events.map((e) => [(e.competition ?? LEAGUE).id, e.competition ?? LEAGUE])).values(),
  ];
  const listings = columns("event", "bookmaker", "state", "confirmed_at");
  const prices = columns(
    "event",
    "bookmaker",
    "market",
    "odds",
    "suspended",
    "changed_at",
    "state",
    "suspect",
  );
  events.forEach((event, index) => {
    for (const [code, book] of Object.entries(event.books)) {
      const bookmaker = BOOKMAKERS.indexOf(code as (typeof BOOKMAKERS)[number]);
      const confirmed = iso(NOW - (book.ageS ?? 5) * 1000);
      push(listings, [index, bookmaker, book.listing ?? "open", confirmed]);
      const rest = [book.suspended ?? 0, confirmed, book.state ?? "open", book.suspect ?? []];
      push(prices, [index, bookmaker, 0, book.odds, ...rest]);
      if (book.goals) push(prices, [index, bookmaker, 1, book.goals, 0, confirmed, "open", []]);
    }
  });
  return {
    epoch: EPOCH,
    seq,
    now: iso(NOW),
    stale_after_s: 600,
    world: "simulated",
    version: "0.1.0",
    bookmakers: BOOKMAKERS,
    bookmaker_names: ["BetPawa", "SportyBet", "Bet9ja", "MSport"],
    markets: MARKETS,
    market_names: ["1X2", "O/U 2.5"],
    outcomes: [
      ["1", "X", "2"],
      ["Over", "Under"],
    ],
    winners: [1, 1],
    competitions,
    events: {
      id: events.map((e) => e.id),
      home: events.map((e) => e.home ?? "Enyimba"),
      away: events.map((e) => e.away ?? "Rangers"),
      kickoff_at: events.map((e) => iso(e.kickoffAt ?? NOW + 3_600_000)),
      competition: events.map((e) => competitions.findIndex(({ id }) => id === (e.competition ?? LEAGUE).id)),
    },
    listings,
    prices,
  };
}

export function board(events: EventPrices[], seq = 10): BoardWire {
  return decodeBoard(boardJson(events, seq));
}

/** Make the 1X2 of one bookmaker as a change pushes it. */
export function change(
  id: string,
  bookmaker: string,
  odds: (number | null)[],
  more: Partial<ChangeWire> = {},
): ChangeWire {
  const names = ["1", "X", "2"];
  return {
    sportradar_id: id,
    bookmaker,
    market_id: "3743",
    line: "",
    state: "open",
    suspect: [],
    changed_at: iso(NOW),
    outcomes: odds.flatMap((price, index) =>
      price === null ? [] : [{ name: names[index]!, odds: price, state: "open" as const }],
    ),
    ...more,
  };
}

export function header(id: string, kickoffAt = NOW + 3_600_000): HeaderWire {
  return {
    sportradar_id: id,
    home: "Kano Pillars",
    away: "Lobi Stars",
    kickoff_at: iso(kickoffAt),
    competition: LEAGUE,
  };
}

export function listing(id: string, bookmaker = "betpawa"): ListingWire {
  return {
    sportradar_id: id,
    bookmaker,
    state: "open",
    confirmed_at: iso(NOW),
    market_confirmed_at: null,
    unread: null,
  };
}

/** Make the data of an `odds_update` frame. */
export function update(first_seq: number, parts: Partial<OddsUpdateWire> = {}): OddsUpdateWire {
  return { first_seq, events: [], removed: [], listings: [], changes: [], confirmed: {}, ...parts };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

function columns(...names: string[]): Record<string, unknown[]> {
  return Object.fromEntries(names.map((name) => [name, []]));
}

function push(into: Record<string, unknown[]>, row: unknown[]): void {
  Object.values(into).forEach((column, index) => column.push(row[index]));
}
