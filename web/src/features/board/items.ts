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
  | {
      kind: "group";
      row: string;
      group: string;
      /** Events in it, and rows that they take below the head. */
      count: number;
      rows: number;
      folded: boolean;
    };

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
  for (const { key: group, ids: members } of groupsOf(store, ids, query)) {
    const folded = query.folded.includes(group);
    const rows = folded ? [] : members.flatMap((id) => rowsOf(id, books, query.view, isExpanded(id)));
    if (group !== "") {
      const counts = { count: members.length, rows: rows.length };
      items.push({ kind: "group", row: GROUP_ROW + group, group, folded, ...counts });
    }
    items.push(...rows);
  }
  return items;
}

/** @param books The own house and the rivals shown. */
function rowsOf(id: string, books: readonly number[], view: View, isExpanded: boolean): Item[] {
  if (view === "stacked") return stackedRows(id, books);
  const event: Item = { kind: "event", row: id, eventId: id };
  if (view !== "compare" || !isExpanded) return [event];
  return [
    event,
    ...books.slice(1).map((bookmaker): Item => {
      return { kind: "rival", row: rivalRow(id, bookmaker), eventId: id, bookmaker };
    }),
  ];
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
