import type { BoardWire, ChangeWire, ListingWire, SnapshotWire } from "@/types/wire";
import { columnKey, type Layout } from "./layout";
import { eventRecord, type EventRecord, type ListingRecord, type MarketRecord } from "./records";

/** Events by Sportradar id, as one moment of the server. */
export type Image = Map<string, EventRecord>;

/** Build the records of a `GET /api/board` answer. */
export function imageOfBoard(board: BoardWire, layout: Layout): Image {
  const { events, listings, prices } = board;
  const records = events.id.map((id, index) =>
    eventRecord({
      id,
      home: events.home[index]!,
      away: events.away[index]!,
      kickoffAt: Date.parse(events.kickoff_at[index]!),
      competition: board.competitions[events.competition[index]!] ?? { id: "", name: "", country: "" },
    }),
  );
  for (const [row, eventIndex] of listings.event.entries()) {
    const event = records[eventIndex];
    if (event === undefined) continue;
    event.listings[listings.bookmaker[row]!] = listingRecord(
      listings.state[row]!,
      listings.confirmed_at[row]!,
      listings.market_confirmed_at[row]!,
      listings.unread[row]!,
    );
  }
  for (const [row, eventIndex] of prices.event.entries()) {
    const event = records[eventIndex];
    if (event === undefined || prices.market[row]! >= layout.columns.length) continue;
    event.markets[prices.bookmaker[row]! * layout.columns.length + prices.market[row]!] = {
      odds: prices.odds[row]!,
      suspended: prices.suspended[row]!,
      state: prices.state[row]!,
      suspect: prices.suspect[row]!,
      changedAt: timeOf(prices.changed_at[row]!),
    };
  }
  return new Map(records.map((event) => [event.id, event]));
}

/** Build the records of all parts of a WebSocket snapshot. */
export function imageOfSnapshot(parts: readonly SnapshotWire[], layout: Layout): Image {
  const image: Image = new Map();
  for (const part of parts)
    for (const header of part.events)
      image.set(
        header.sportradar_id,
        eventRecord({
          id: header.sportradar_id,
          home: header.home,
          away: header.away,
          kickoffAt: Date.parse(header.kickoff_at),
          competition: header.competition,
        }),
      );
  for (const part of parts) {
    for (const row of part.listings) {
      const bookmaker = bookmakerIndex(layout, row.bookmaker);
      const event = image.get(row.sportradar_id);
      if (event !== undefined && bookmaker >= 0) event.listings[bookmaker] = listingOf(row);
    }
    for (const change of part.markets) {
      const slot = slotOf(layout, change);
      const event = image.get(change.sportradar_id);
      if (event !== undefined && slot !== null)
        event.markets[slot.index] = marketRecord(layout, slot.column, change);
    }
  }
  return image;
}

export function bookmakerIndex(layout: Layout, code: string): number {
  return layout.bookmakers.findIndex((bookmaker) => bookmaker.code === code);
}

/** Where a change belongs, null for a market or bookmaker the Board does not show. */
export function slotOf(
  layout: Layout,
  change: ChangeWire,
): { bookmaker: number; column: number; index: number } | null {
  const bookmaker = bookmakerIndex(layout, change.bookmaker);
  const key = columnKey(change.market_id, change.line);
  const column = layout.columns.findIndex((each) => each.key === key);
  if (bookmaker < 0 || column < 0) return null;
  return { bookmaker, column, index: bookmaker * layout.columns.length + column };
}

export function marketRecord(layout: Layout, column: number, change: ChangeWire): MarketRecord {
  const names = layout.columns[column]!.outcomes;
  const odds: (number | null)[] = names.map(() => null);
  let suspended = 0;
  for (const outcome of change.outcomes) {
    const index = names.indexOf(outcome.name);
    if (index < 0) continue;
    odds[index] = outcome.odds;
    if (outcome.state === "suspended") suspended |= 1 << index;
  }
  return {
    odds,
    suspended,
    state: change.state,
    suspect: change.suspect,
    changedAt: timeOf(change.changed_at),
  };
}

export function listingOf(row: ListingWire): ListingRecord {
  return listingRecord(row.state, row.confirmed_at, row.market_confirmed_at, row.unread);
}

function listingRecord(
  state: ListingRecord["state"],
  confirmedAt: string | null,
  marketConfirmedAt: Record<string, string> | null,
  unread: Record<string, string> | null,
): ListingRecord {
  const times = Object.entries(marketConfirmedAt ?? {}).map(([id, at]) => [id, Date.parse(at)] as const);
  return {
    state,
    confirmedAt: timeOf(confirmedAt),
    marketConfirmedAt: Object.fromEntries(times),
    unread,
    stale: [],
  };
}

export function timeOf(text: string | null): number | null {
  if (text === null) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
