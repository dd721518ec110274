import { bandOf, type Band } from "@/lib/odds";
import type { ListingState } from "@/types/wire";
import type { Direction } from "./flashes";
import type { Layout } from "./layout";
import {
  bestPrice,
  gapOf,
  isSuspect,
  marginOf,
  marketOf,
  unreadName,
  usablePrice,
  type EventRecord,
  type ReferenceChoice,
} from "./records";

/** How a price stands: `waiting` has no data yet, `absent` is not offered, `unread` is offered and not mapped. */
export type PriceState = "waiting" | "absent" | "unread" | "open" | "suspended" | "withdrawn";

/** Everything one price cell shows. Flat, so that two can be compared field by field. */
export interface CellView {
  state: PriceState;
  odds: number | null;
  stale: boolean;
  suspect: boolean;
  gap: number | null;
  band: Band;
  best: boolean;
  flash: Direction | null;
  arrow: Direction | null;
  arrowMuted: boolean;
  /** When the arrow looks otherwise or is gone; null without one. */
  arrowUntil: number | null;
}

/** What moves in a cell beside its price, and how a cell looks in which nothing does. */
export type Motion = Pick<CellView, "flash" | "arrow" | "arrowMuted" | "arrowUntil">;
export const STILL: Motion = { flash: null, arrow: null, arrowMuted: false, arrowUntil: null };

export interface MarginView {
  margin: number | null;
  stale: boolean;
}

/** How one bookmaker stands at an event: what its square in the Books column shows. */
export type Presence = "fresh" | "stale" | "absent" | Exclude<ListingState, "open">;

export interface HeaderView {
  home: string;
  away: string;
  kickoffAt: number;
  competition: string;
  country: string;
  started: boolean;
}

export function cellView(
  layout: Layout,
  event: EventRecord,
  at: { bookmaker: number; column: number; outcome: number },
  choice: ReferenceChoice,
  motion: Motion,
): CellView {
  const { bookmaker, column, outcome } = at;
  const market = marketOf(layout, event, bookmaker, column);
  const odds = market?.odds[outcome] ?? null;
  const gap = gapOf(layout, event, bookmaker, column, outcome, choice);
  const price = usablePrice(layout, event, bookmaker, column, outcome);
  return {
    state: priceState(layout, event, at),
    odds,
    stale: isStale(event, bookmaker, column),
    suspect: isSuspect(layout, event, bookmaker, column),
    gap,
    band: bookmaker === layout.own ? bandOf(gap) : 0,
    best: price !== null && price === bestPrice(layout, event, column, outcome),
    ...motion,
  };
}

function priceState(
  layout: Layout,
  event: EventRecord,
  { bookmaker, column, outcome }: { bookmaker: number; column: number; outcome: number },
): PriceState {
  const listing = event.listings[bookmaker];
  const market = marketOf(layout, event, bookmaker, column);
  if (market === undefined && listing !== undefined && awaitsFirstAnswer(layout, event, bookmaker))
    return "waiting";
  const absent = unreadName(layout, event, bookmaker, column) === null ? "absent" : "unread";
  if (market === undefined) return absent;
  const locked = market.state === "suspended" || ((market.suspended >> outcome) & 1) === 1;
  if ((market.odds[outcome] ?? null) === null && !locked) return absent;
  if (market.state === "withdrawn" || listing?.state === "withdrawn") return "withdrawn";
  return locked ? "suspended" : "open";
}

function awaitsFirstAnswer(layout: Layout, event: EventRecord, bookmaker: number): boolean {
  return (
    event.listings[bookmaker]?.confirmedAt == null &&
    layout.columns.every((_, column) => marketOf(layout, event, bookmaker, column) === undefined)
  );
}

function isStale(event: EventRecord, bookmaker: number, column: number): boolean {
  const listing = event.listings[bookmaker];
  return listing === undefined || listing.state === "unknown" || listing.stale[column] === true;
}

export function marginView(
  layout: Layout,
  event: EventRecord,
  bookmaker: number,
  column: number,
): MarginView {
  return { margin: marginOf(layout, event, bookmaker, column), stale: isStale(event, bookmaker, column) };
}

export function presencesOf(layout: Layout, event: EventRecord): Presence[] {
  return layout.bookmakers.map((_, bookmaker) => {
    const listing = event.listings[bookmaker];
    if (listing === undefined) return "absent";
    if (listing.state !== "open") return listing.state;
    return listing.stale.every(Boolean) ? "stale" : "fresh";
  });
}

export function headerView(event: EventRecord): HeaderView {
  return {
    home: event.home,
    away: event.away,
    kickoffAt: event.kickoffAt,
    competition: event.competition.name,
    country: event.competition.country,
    started: event.started,
  };
}

/** Compare two flat views, or two lists of plain values. */
export function sameView(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.is(left[key], right[key]));
}
