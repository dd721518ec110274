import type { OddsStore } from "@/lib/store/oddsStore";
import { widestGap, type EventRecord } from "@/lib/store/records";
import { searchable } from "@/lib/text";
import type { EventAddress } from "./address";

/** A market type of the event: one row of the list, its lines behind a picker. */
export interface MarketRow {
  marketId: string;
  name: string;
  /** Columns of its lines, ascending. */
  columns: readonly number[];
}

type Filters = Pick<EventAddress, "group" | "q" | "minGap" | "everywhere">;

/** Return the market types that pass, in the event's order, each with the lines that pass. */
export function marketRows(
  store: OddsStore,
  event: EventRecord | undefined,
  groups: ReadonlyMap<string, readonly string[]>,
  filters: Filters,
): MarketRow[] {
  if (event === undefined) return [];
  const { layout } = store;
  const words = searchable(filters.q).split(/\s+/).filter(Boolean);
  const rows = new Map<string, MarketRow & { columns: number[] }>();
  layout.columns.forEach(({ key, marketId, name, line }, index) => {
    if (filters.group !== "" && groups.get(key)?.includes(filters.group) !== true) return;
    const haystack = searchable(`${name} ${line}`);
    if (!words.every((word) => haystack.includes(word))) return;
    if (filters.everywhere && !isEverywhere(store, event, index)) return;
    const gap = filters.minGap === 0 ? 0 : (widestGap(layout, event, [index], store.reference) ?? -1);
    if (gap * 100 < filters.minGap) return;
    const row = rows.get(marketId) ?? { marketId, name, columns: [] };
    row.columns.push(index);
    rows.set(marketId, row);
  });
  return [...rows.values()];
}

/** Whether every bookmaker that lists the event has the market. */
function isEverywhere(store: OddsStore, event: EventRecord, column: number): boolean {
  return event.listings.every((listing, bookmaker) => {
    if (listing === undefined || listing.state === "withdrawn") return true;
    const market = event.markets[bookmaker * store.layout.columns.length + column];
    return market !== undefined && market.state !== "withdrawn";
  });
}

/** The groups of the event's markets, in the order in which they first come. */
export function groupNames(groups: ReadonlyMap<string, readonly string[]>): string[] {
  return [...new Set([...groups.values()].flat())];
}

/** The line of a market type that is looked at first: own ones before others, prices closest to each other. */
export function mainLine(
  store: OddsStore,
  event: EventRecord | undefined,
  columns: readonly number[],
): number {
  const { layout } = store;
  let [best, spread] = [columns[0] ?? -1, Infinity];
  for (const column of columns) {
    const own = event?.markets[layout.own * layout.columns.length + column];
    const market =
      own ??
      layout.bookmakers.map((_, book) => event?.markets[book * layout.columns.length + column]).find(Boolean);
    const odds = market?.odds.filter((price) => price !== null) ?? [];
    const size = odds.length < 2 ? Infinity : Math.max(...odds) / Math.min(...odds) + (own ? 0 : 1e6);
    if (size < spread) [best, spread] = [column, size];
  }
  return best;
}
