import type { Layout } from "@/lib/store/layout";
import type { OddsStore } from "@/lib/store/oddsStore";
import {
  crossingOf,
  isSuspect,
  marginOf,
  needsAttention,
  widestGap,
  type EventRecord,
} from "@/lib/store/records";
import { searchable } from "@/lib/text";
import { endOfDay, localMinute } from "@/lib/timezone";
import { shownColumns, type BoardAddress, type Grouping, type SortKey, type Window } from "./address";
import { watchedEvents } from "./watchList";

/** The parts of the address that choose and order rows. */
export type RowQuery = Omit<
  BoardAddress,
  "view" | "market" | "books" | "folded" | "expanded" | "event" | "panel" | "columns" | "density" | "format"
>;

export function rowQuery(address: BoardAddress): RowQuery {
  const {
    view: _view,
    market: _market,
    books: _books,
    folded: _folded,
    expanded: _expanded,
    event: _event,
    panel: _panel,
    columns: _columns,
    density: _density,
    format: _format,
    ...query
  } = address;
  return query;
}

const HOUR_MS = 3_600_000;
const RECENT_MOVE_MS = 10 * 60_000;

/** Return the ids of the events that match, in order. Plain loops over the store: cheap enough for each keystroke. */
export function selectRows(store: OddsStore, query: RowQuery): string[] {
  const matches = matcher(store, query);
  const events: EventRecord[] = [];
  for (const event of store.events()) if (matches(event)) events.push(event);
  return events.sort(order(store, query)).map((event) => event.id);
}

/** Count the events that match. */
export function countRows(store: OddsStore, query: RowQuery): number {
  const matches = matcher(store, query);
  let count = 0;
  for (const event of store.events()) if (matches(event)) count++;
  return count;
}

function matcher(store: OddsStore, query: RowQuery): (event: EventRecord) => boolean {
  const { layout } = store;
  const columns = shownColumns(query.markets, layout);
  const before = Math.min(windowEnd(query.window, store.now(), query.zone), query.to ?? Infinity);
  const [has, lacks] = [query.has, query.lacks].map((codes) => bookmakerIndexes(codes, layout));
  const words = searchable(query.q).split(/\s+/).filter(Boolean);
  const countries = new Set(query.countries);
  const competitions = new Set(query.competitions);
  const minGap = query.minGap / 100;
  const watched = watchedEvents();
  return (event) => {
    if (event.started && !query.started) return false;
    if (event.kickoffAt >= before || event.kickoffAt < (query.from ?? -Infinity)) return false;
    if (query.watched && !watched.has(event.id)) return false;
    if (countries.size > 0 && !countries.has(event.competition.country)) return false;
    if (competitions.size > 0 && !competitions.has(event.competition.id)) return false;
    if (!words.every((word) => event.haystack.includes(word))) return false;
    if (!hasBooks(event, layout.own, query)) return false;
    if (!has!.every((bookmaker) => isListed(event, bookmaker))) return false;
    if (lacks!.some((bookmaker) => isListed(event, bookmaker))) return false;
    if (minGap > 0 && (widestGap(layout, event, columns, query.reference) ?? 0) < minGap) return false;
    return (
      query.attention.length === 0 || needsAttention(layout, event, columns, query.reference, query.attention)
    );
  };
}

function bookmakerIndexes(codes: readonly string[], layout: Layout): number[] {
  return codes.map((code) => layout.bookmakers.findIndex((bookmaker) => bookmaker.code === code));
}

function isListed(event: EventRecord, bookmaker: number): boolean {
  const listing = event.listings[bookmaker];
  return listing !== undefined && listing.state !== "withdrawn";
}

/** A bookmaker has an event while it lists it: started and unknown listings count, withdrawn ones don't. */
function hasBooks(event: EventRecord, own: number, query: RowQuery): boolean {
  let count = 0;
  for (const listing of event.listings) if (listing !== undefined && listing.state !== "withdrawn") count++;
  if (count < query.minBooks) return false;
  if (query.availability === "all") return true;
  const ownListing = event.listings[own];
  const mine = ownListing !== undefined && ownListing.state !== "withdrawn";
  const rivals = count - (mine ? 1 : 0);
  if (query.availability === "matched") return mine && rivals > 0;
  return query.availability === "reference_only" ? mine && rivals === 0 : !mine && rivals > 0;
}

function windowEnd(window: Window, now: number, zone: string): number {
  switch (window) {
    case "any":
      return Infinity;
    case "3h":
      return now + 3 * HOUR_MS;
    case "today":
      return endOfDay(now, zone);
    case "72h":
      return now + 72 * HOUR_MS;
    case "7d":
      return now + 168 * HOUR_MS;
  }
}

type Comparison = (a: EventRecord, b: EventRecord) => number;

function order(store: OddsStore, query: RowQuery): Comparison {
  const comparisons = query.sort.map(({ key, descending }) => {
    const compare = comparison(store, query, key);
    return (a: EventRecord, b: EventRecord) => compare(a, b, descending);
  });
  const ownCrossing = memo((event) => (crossingOf(store.layout, event)?.own === true ? 0 : 1));
  if (query.attention.length > 0) comparisons.unshift((a, b) => ownCrossing(a)! - ownCrossing(b)!);
  if (query.group !== "none") comparisons.unshift(byGroup(query.group, query.zone));
  const watched = watchedEvents();
  comparisons.unshift((a, b) => Number(watched.has(b.id)) - Number(watched.has(a.id)));
  return (a, b) => {
    for (const compare of comparisons) {
      const result = compare(a, b);
      if (result !== 0) return result;
    }
    return a.kickoffAt - b.kickoffAt || (a.id < b.id ? -1 : 1);
  };
}

function comparison(
  store: OddsStore,
  query: RowQuery,
  key: SortKey,
): (a: EventRecord, b: EventRecord, descending: boolean) => number {
  if (key === "league") {
    return (a, b, descending) => {
      const result = leagueOf(a).localeCompare(leagueOf(b), "en");
      return descending ? -result : result;
    };
  }
  const figure = memo(figureOf(store, query, key));
  return (a, b, descending) => {
    const [left, right] = [figure(a), figure(b)];
    if (left === right) return 0;
    if (left === null) return 1; // without a figure last, in either direction
    if (right === null) return -1;
    return descending ? right - left : left - right;
  };
}

function byGroup(group: Grouping, zone: string): Comparison {
  if (group === "hour") return (a, b) => compareTexts(hourOf(a.kickoffAt, zone), hourOf(b.kickoffAt, zone));
  return (a, b) => leagueOf(a).localeCompare(leagueOf(b), "en");
}

/** The group an event belongs to; watched events stand before all groups. */
export function groupOf(
  event: EventRecord,
  group: Grouping,
  zone: string,
  watched: ReadonlySet<string>,
): string {
  if (watched.has(event.id)) return WATCHED;
  if (group === "none") return "";
  return group === "league" ? event.competition.id : hourOf(event.kickoffAt, zone);
}

/** The group of the watched events. */
export const WATCHED = "watched";

/** The hour of a kick-off on the zone's clocks: 2026-11-24T13. */
function hourOf(at: number, zone: string): string {
  return localMinute(at, zone).slice(0, 13);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function leagueOf(event: EventRecord): string {
  return `${event.competition.country} ${event.competition.name}`;
}

function figureOf(
  store: OddsStore,
  query: RowQuery,
  key: Exclude<SortKey, "league">,
): (event: EventRecord) => number | null {
  const { layout } = store;
  const columns = shownColumns(query.markets, layout);
  switch (key) {
    case "ko":
      return (event) => event.kickoffAt;
    case "gap":
      return (event) => widestGap(layout, event, columns, query.reference);
    case "margin":
      return (event) => {
        const column = columns[0];
        if (column === undefined || isSuspect(layout, event, layout.own, column)) return null;
        return marginOf(layout, event, layout.own, column);
      };
    case "move": {
      const moves = recentMoves(store, columns);
      return (event) => moves.get(event.id) ?? null;
    }
  }
}

/** Return each event's largest relative price move of the last ten minutes, of markets that are sane now. */
function recentMoves(store: OddsStore, columns: readonly number[]): Map<string, number> {
  const since = store.now() - RECENT_MOVE_MS;
  const largest = new Map<string, number>();
  for (const move of store.ring.newestFirst()) {
    if (move.at < since) break;
    if (!columns.includes(move.column)) continue;
    const event = store.event(move.eventId);
    if (event !== undefined && isSuspect(store.layout, event, move.bookmaker, move.column)) continue;
    const size = Math.abs(move.to / move.from - 1);
    if (size > (largest.get(move.eventId) ?? 0)) largest.set(move.eventId, size);
  }
  return largest;
}

function memo(compute: (event: EventRecord) => number | null): (event: EventRecord) => number | null {
  const known = new Map<string, number | null>();
  return (event) => {
    let figure = known.get(event.id);
    if (figure === undefined) {
      figure = compute(event);
      known.set(event.id, figure);
    }
    return figure;
  };
}

/**
 * Count the rows that would move, appear or go if `next` took the place of `shown`.
 * Rows that keep their order among each other stay: what moves is what lies outside the longest such chain.
 */
export function countMoved(shown: readonly string[], next: readonly string[]): number {
  const position = new Map(shown.map((id, index) => [id, index]));
  const kept = next.map((id) => position.get(id)).filter((index) => index !== undefined);
  const tails: number[] = [];
  for (const index of kept) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tails[middle]! < index) low = middle + 1;
      else high = middle;
    }
    tails[low] = index;
  }
  return next.length - tails.length + (shown.length - kept.length);
}

/** Whether the first rows, those down to the last one on screen, are the same. */
export function sameUpTo(last: number, shown: readonly string[], next: readonly string[]): boolean {
  for (let index = 0; index <= last; index++) if (shown[index] !== next[index]) return false;
  return true;
}
