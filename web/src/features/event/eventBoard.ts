import { columnKey } from "@/lib/store/layout";
import type { Bookmaker } from "@/lib/store/layout";
import type { BoardWire } from "@/types/wire";
import type { EventMarket, EventWire } from "./api/fetchEvent";

/** What a store of one event starts from: its markets as the columns of a Board with a single row. */
export interface EventBoard {
  board: BoardWire;
  /** Groups of each column, by its key. */
  groups: ReadonlyMap<string, readonly string[]>;
}

/**
 * Write an event as a Board of one row, so that its prices live in a store like the Board's.
 *
 * @param around What an event's answer does not tell: all bookmakers in order, the server's time, the stale limit.
 */
export function eventBoard(
  event: EventWire,
  around: { bookmakers: readonly Bookmaker[]; now: number; staleAfterMs: number },
): EventBoard {
  const columns = columnsOf(event);
  const place = new Map([...columns.keys()].map((key, index) => [key, index]));
  const codes = around.bookmakers.map(({ code }) => code);
  const listed = event.listings.filter(({ bookmaker }) => codes.includes(bookmaker));
  const rows = listed.flatMap(({ bookmaker, markets }) =>
    markets.map((market) => ({
      bookmaker: codes.indexOf(bookmaker),
      market,
      names: columns.get(keyOf(market))!.outcomes,
    })),
  );
  const all = [...columns.values()];
  const board: BoardWire = {
    epoch: "",
    seq: 0,
    now: new Date(around.now).toISOString(),
    stale_after_s: around.staleAfterMs / 1000,
    world: "live",
    version: "",
    bookmakers: codes,
    bookmaker_names: around.bookmakers.map(({ name }) => name),
    markets: all.map(({ market }) => `${market.marketId}|${market.line}`),
    market_names: all.map(({ market }) => market.name),
    outcomes: all.map(({ outcomes }) => [...outcomes]),
    winners: all.map(({ market }) => market.winners),
    competitions: [event.competition],
    events: {
      id: [event.id],
      home: [event.home],
      away: [event.away],
      kickoff_at: [event.kickoffAt],
      competition: [0],
    },
    listings: {
      event: listed.map(() => 0),
      bookmaker: listed.map(({ bookmaker }) => codes.indexOf(bookmaker)),
      state: listed.map(({ state }) => state),
      confirmed_at: listed.map(({ confirmedAt }) => confirmedAt),
      market_confirmed_at: listed.map(({ marketConfirmedAt }) => marketConfirmedAt),
      unread: listed.map(({ unread }) => unread),
    },
    prices: {
      event: rows.map(() => 0),
      bookmaker: rows.map(({ bookmaker }) => bookmaker),
      market: rows.map(({ market }) => place.get(keyOf(market))!),
      odds: rows.map(({ market, names }) =>
        names.map((name) => market.outcomes.find((outcome) => outcome.name === name)?.odds ?? null),
      ),
      suspended: rows.map(({ market, names }) => lockedMask(market, names)),
      changed_at: rows.map(({ market }) => market.changedAt),
      state: rows.map(({ market }) => market.state),
      suspect: rows.map(({ market }) => [...market.suspect]),
    },
  };
  return { board, groups: new Map([...columns].map(([key, { market }]) => [key, market.groups])) };
}

export const keyOf = ({ marketId, line }: Pick<EventMarket, "marketId" | "line">): string =>
  columnKey(marketId, line);

/** Markets in the order of the bookmaker that is first and offers them, lines of one type together and ascending. */
function columnsOf(event: EventWire): Map<string, { market: EventMarket; outcomes: string[] }> {
  const found = new Map<string, { market: EventMarket; outcomes: string[] }>();
  const types = new Map<string, number>();
  for (const { markets } of event.listings)
    for (const market of markets) {
      if (!types.has(market.marketId)) types.set(market.marketId, types.size);
      const column = found.get(keyOf(market)) ?? { market, outcomes: [] };
      found.set(keyOf(market), column);
      for (const { name } of market.outcomes) if (!column.outcomes.includes(name)) column.outcomes.push(name);
    }
  const order = (
    [, { market: a }]: [string, { market: EventMarket }],
    [, { market: b }]: [string, { market: EventMarket }],
  ) => types.get(a.marketId)! - types.get(b.marketId)! || Number(a.line) - Number(b.line);
  return new Map([...found].sort(order));
}

function lockedMask(market: EventMarket, names: readonly string[]): number {
  let mask = 0;
  names.forEach((name, index) => {
    if (market.outcomes.find((outcome) => outcome.name === name)?.suspended === true) mask |= 1 << index;
  });
  return mask;
}
