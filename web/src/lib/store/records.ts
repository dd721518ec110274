import type { CompetitionWire, ListingState, MarketState } from "@/types/wire";
import { searchable } from "@/lib/text";
import { bandOf, gapTo, median, overround } from "@/lib/odds";
import type { Column, Layout } from "./layout";

/** One market of one bookmaker: arrays in the order of the column's outcomes. Replaced, never changed. */
export interface MarketRecord {
  odds: readonly (number | null)[];
  /** Bit i is set while outcome i is shown but locked. */
  suspended: number;
  state: MarketState;
  suspect: readonly string[];
  changedAt: number | null;
}

/** One bookmaker's listing of an event. */
export interface ListingRecord {
  state: ListingState;
  confirmedAt: number | null;
  /** Confirmations of single markets in ms: by market id for all its lines, or by id and line as a column's key. */
  marketConfirmedAt: Readonly<Record<string, number>>;
  /** Markets that are offered but not read, at least in part: market id -> the bookmaker's name of it. */
  unread: Readonly<Record<string, string>> | null;
  /** Whether each column is older than the limit. */
  stale: boolean[];
}

export interface EventRecord {
  id: string;
  home: string;
  away: string;
  kickoffAt: number;
  competition: CompetitionWire;
  started: boolean;
  /** Teams, competition and country as search compares them. */
  haystack: string;
  /** By bookmaker index. */
  listings: (ListingRecord | undefined)[];
  /** At bookmaker × columns + column. */
  markets: (MarketRecord | undefined)[];
}

/** What the reference price of a gap is: a statistic of the fresh rivals, or one bookmaker's code. */
export type ReferenceChoice = "median" | "best" | (string & {});

export function eventRecord(
  header: Pick<EventRecord, "id" | "home" | "away" | "kickoffAt" | "competition">,
): EventRecord {
  const { home, away, competition } = header;
  return {
    ...header,
    started: false,
    haystack: searchable(`${home} ${away} ${competition.name} ${competition.country}`),
    listings: [],
    markets: [],
  };
}

/** When a market was last confirmed, alone or with everything else of its listing; -Infinity when never. */
export function confirmedAtOf(
  listing: Pick<ListingRecord, "confirmedAt" | "marketConfirmedAt">,
  column: Pick<Column, "key" | "marketId">,
): number {
  const { confirmedAt, marketConfirmedAt } = listing;
  return Math.max(
    confirmedAt ?? -Infinity,
    marketConfirmedAt[column.marketId] ?? -Infinity,
    marketConfirmedAt[column.key] ?? -Infinity,
  );
}

/** Recompute which columns of a listing are too old, in place; returns whether any looks different now. */
export function refreshStale(listing: ListingRecord, layout: Layout, oldestFresh: number): boolean {
  let changed = false;
  listing.stale.length = layout.columns.length;
  for (const [index, column] of layout.columns.entries()) {
    const stale = confirmedAtOf(listing, column) < oldestFresh;
    changed ||= stale !== listing.stale[index];
    listing.stale[index] = stale;
  }
  return changed;
}

export function marketOf(
  layout: Layout,
  event: EventRecord,
  bookmaker: number,
  column: number,
): MarketRecord | undefined {
  return event.markets[bookmaker * layout.columns.length + column];
}

/** Whether a market says itself that it is not to be believed: it is shown, and ranked by nothing. */
export function isSuspect(layout: Layout, event: EventRecord, bookmaker: number, column: number): boolean {
  return (marketOf(layout, event, bookmaker, column)?.suspect.length ?? 0) > 0;
}

/** Return the bookmaker's own name of a market that it offers and we can't read; null where it is read or not offered. */
export function unreadName(
  layout: Layout,
  event: EventRecord,
  bookmaker: number,
  column: number,
): string | null {
  const unread = event.listings[bookmaker]?.unread ?? null;
  return unread?.[layout.columns[column]?.marketId ?? ""] ?? null;
}

/** Return a price that may be compared: open, fresh, sane and before kick-off; else null. */
export function usablePrice(
  layout: Layout,
  event: EventRecord,
  bookmaker: number,
  column: number,
  outcome: number,
): number | null {
  const market = marketOf(layout, event, bookmaker, column);
  const listing = event.listings[bookmaker];
  if (market === undefined || listing === undefined || event.started) return null;
  if (listing.state !== "open" || listing.stale[column] === true) return null;
  if (market.state !== "open" || market.suspect.length > 0 || (market.suspended >> outcome) & 1) return null;
  return market.odds[outcome] ?? null;
}

/** Return the usable prices of the trader's rivals for one outcome. */
export function rivalPrices(layout: Layout, event: EventRecord, column: number, outcome: number): number[] {
  const prices: number[] = [];
  for (let bookmaker = 0; bookmaker < layout.bookmakers.length; bookmaker++) {
    if (bookmaker === layout.own) continue;
    const price = usablePrice(layout, event, bookmaker, column, outcome);
    if (price !== null) prices.push(price);
  }
  return prices;
}

export function referencePrice(
  layout: Layout,
  event: EventRecord,
  column: number,
  outcome: number,
  choice: ReferenceChoice,
): number | null {
  if (choice === "median") return median(rivalPrices(layout, event, column, outcome));
  if (choice === "best") {
    const prices = rivalPrices(layout, event, column, outcome);
    return prices.length === 0 ? null : Math.max(...prices);
  }
  const bookmaker = layout.bookmakers.findIndex((each) => each.code === choice);
  return bookmaker < 0 ? null : usablePrice(layout, event, bookmaker, column, outcome);
}

/**
 * Return the gap a cell shows: the own price against the reference, a rival's price against the own one.
 * null where either is not usable.
 */
export function gapOf(
  layout: Layout,
  event: EventRecord,
  bookmaker: number,
  column: number,
  outcome: number,
  choice: ReferenceChoice,
): number | null {
  const price = usablePrice(layout, event, bookmaker, column, outcome);
  if (price === null) return null;
  const reference =
    bookmaker === layout.own
      ? referencePrice(layout, event, column, outcome, choice)
      : usablePrice(layout, event, layout.own, column, outcome);
  return reference === null ? null : gapTo(price, reference);
}

export function bestPrice(
  layout: Layout,
  event: EventRecord,
  column: number,
  outcome: number,
): number | null {
  let best: number | null = null;
  for (let bookmaker = 0; bookmaker < layout.bookmakers.length; bookmaker++) {
    const price = usablePrice(layout, event, bookmaker, column, outcome);
    if (price !== null && (best === null || price > best)) best = price;
  }
  return best;
}

/** Return the overround over the open outcomes of one market, null while the set is incomplete. */
export function marginOf(
  layout: Layout,
  event: EventRecord,
  bookmaker: number,
  column: number,
): number | null {
  const market = marketOf(layout, event, bookmaker, column);
  if (market?.state !== "open") return null;
  const open = market.odds.map((odds, outcome) => ((market.suspended >> outcome) & 1 ? null : odds));
  return overround(open, layout.columns[column]!.winners);
}

/** A market whose best prices across bookmakers add up to less than a fair book. */
export interface Crossing {
  column: number;
  /** Sum of the best inverse prices over the outcomes that win, below 1. */
  sum: number;
  /** Whether a best price is the trader's own. */
  own: boolean;
}

export function crossingOf(layout: Layout, event: EventRecord): Crossing | null {
  let lowest: Crossing | null = null;
  for (const [index, column] of layout.columns.entries()) {
    const best = column.outcomes.map((_, outcome) => bestPrice(layout, event, index, outcome));
    const margin = overround(best, column.winners);
    if (margin === null || margin >= 0 || (lowest !== null && margin + 1 >= lowest.sum)) continue;
    const own = best.some(
      (price, outcome) => price === usablePrice(layout, event, layout.own, index, outcome),
    );
    lowest = { column: index, sum: margin + 1, own };
  }
  return lowest;
}

/** Why an event deserves the trader's eye. */
export type AttentionKind = "gap" | "locked" | "crossed" | "stale";

/**
 * Whether an event deserves the trader's eye for one of the reasons: own gap outside the band, locked here but not
 * there, crossed, or stale where it matters (the own prices, or those of every rival that lists it).
 */
export function needsAttention(
  layout: Layout,
  event: EventRecord,
  columns: readonly number[],
  choice: ReferenceChoice,
  kinds: readonly AttentionKind[],
): boolean {
  if (kinds.includes("crossed") && crossingOf(layout, event) !== null) return true;
  if (kinds.includes("stale") && isBlind(layout, event, columns)) return true;
  const [gaps, locks] = [kinds.includes("gap"), kinds.includes("locked")];
  if (!gaps && !locks) return false;
  return columns.some((column) => {
    if (isSuspect(layout, event, layout.own, column)) return false;
    return layout.columns[column]!.outcomes.some((_, outcome) => {
      if (gaps && bandOf(gapOf(layout, event, layout.own, column, outcome, choice)) !== 0) return true;
      return locks && isLocked(layout, event, column, outcome);
    });
  });
}

function isLocked(layout: Layout, event: EventRecord, column: number, outcome: number): boolean {
  const own = marketOf(layout, event, layout.own, column);
  const locked = own !== undefined && (own.state === "suspended" || ((own.suspended >> outcome) & 1) === 1);
  return locked && rivalPrices(layout, event, column, outcome).length > 0;
}

function isBlind(layout: Layout, event: EventRecord, columns: readonly number[]): boolean {
  if (event.started) return false;
  const listed = event.listings.flatMap((listing, bookmaker) =>
    listing?.state === "open" ? [{ own: bookmaker === layout.own, stale: listing.stale }] : [],
  );
  const isOld = ({ stale }: { stale: readonly boolean[] }) =>
    columns.some((column) => stale[column] === true);
  const rivals = listed.filter(({ own }) => !own);
  return listed.some((row) => row.own && isOld(row)) || (rivals.length > 0 && rivals.every(isOld));
}

/** Return the widest own gap of an event over some columns, as a size; null without any. */
export function widestGap(
  layout: Layout,
  event: EventRecord,
  columns: readonly number[],
  choice: ReferenceChoice,
): number | null {
  let widest: number | null = null;
  for (const column of columns) {
    const outcomes = layout.columns[column]!.outcomes.length;
    for (let outcome = 0; outcome < outcomes; outcome++) {
      const gap = gapOf(layout, event, layout.own, column, outcome, choice);
      if (gap !== null && (widest === null || Math.abs(gap) > widest)) widest = Math.abs(gap);
    }
  }
  return widest;
}
