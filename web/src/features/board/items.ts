import type { OddsStore } from "@/lib/store/oddsStore";
import type { BoardAddress, View } from "./address";
import { rivalRow } from "./gridFocus";
import { groupOf } from "./rows";

/** One row of the grid: an event, one bookmaker of an event, or the head of a group of events. */
export type Item =
  | { kind: "event"; row: string; eventId: string }
  /** A rival under its event, in Compare. */
  | { kind: "rival"; row: string; eventId: string; bookmaker: number }
  /** One of an event's bookmakers, in Stacked; the first one carries the event's name. */
  | { kind: "book"; row: string; eventId: string; bookmaker: number; first: boolean }
  | { kind: "group"; row: string; group: string; count: number; folded: boolean };

export const GROUP_ROW = "group ";

export interface ItemQuery {
  view: View;
  group: BoardAddress["group"];
  folded: readonly string[];
  expanded: BoardAddress["expanded"];
  zone: string;
  watched: ReadonlySet<string>;
}

/** Return the rows of the grid for events in view order, and which events show their rivals. */
export function itemsOf(
  store: OddsStore,
  ids: readonly string[],
  rivals: readonly number[],
  query: ItemQuery,
): Item[] {
  const books = [store.layout.own, ...rivals];
  const items: Item[] = [];
  const isExpanded = expansion(query.expanded);
  for (const group of groupsOf(store, ids, query)) {
    const folded = query.folded.includes(group.key);
    if (group.key !== "")
      items.push({
        kind: "group",
        row: GROUP_ROW + group.key,
        group: group.key,
        count: group.ids.length,
        folded,
      });
    if (folded) continue;
    for (const id of group.ids) {
      if (query.view === "stacked") items.push(...stackedRows(id, books));
      else items.push({ kind: "event", row: id, eventId: id });
      if (query.view !== "compare" || !isExpanded(id)) continue;
      for (const bookmaker of rivals)
        items.push({ kind: "rival", row: rivalRow(id, bookmaker), eventId: id, bookmaker });
    }
  }
  return items;
}

export function expansion(expanded: BoardAddress["expanded"]): (id: string) => boolean {
  if (expanded === "all") return () => true;
  const chosen = new Set(expanded);
  return (id) => chosen.has(id);
}

/** The own house first, then every shown rival, whether it lists the event or not. */
function stackedRows(id: string, books: readonly number[]): Item[] {
  return books.map((bookmaker, index) => ({
    kind: "book",
    row: index === 0 ? id : rivalRow(id, bookmaker),
    eventId: id,
    bookmaker,
    first: index === 0,
  }));
}

interface Group {
  key: string;
  ids: string[];
}

/** Cut the ordered events into groups; events of one group stand together already. */
function groupsOf(store: OddsStore, ids: readonly string[], query: ItemQuery): Group[] {
  const groups = new Map<string, Group>();
  for (const id of ids) {
    const event = store.event(id);
    const key = event === undefined ? "" : groupOf(event, query.group, query.zone, query.watched);
    let group = groups.get(key);
    if (group === undefined) {
      group = { key, ids: [] };
      groups.set(key, group);
    }
    group.ids.push(id);
  }
  return [...groups.values()];
}
