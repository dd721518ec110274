import type { Movement } from "./movement";

/** What the list shows, and how many movements wait beside it. */
export interface Shown {
  rows: readonly Movement[];
  /** Movements that are not among the rows yet. */
  waiting: number;
}

export function newestFirst(movements: Iterable<Movement>): Movement[] {
  return [...movements].sort((a, b) => b.changedAt - a.changedAt || (a.id < b.id ? -1 : 1));
}

/**
 * Return the rows of a held list: the ones it had, in their order and with their newest contents. What came since is
 * counted, so that nothing moves; what no longer matches the filters leaves only when the list goes on.
 *
 * @param order Ids as they stood when the list was held, null for a list that is not.
 */
export function shownRows(
  matching: readonly Movement[],
  all: ReadonlyMap<string, Movement>,
  order: readonly string[] | null,
): Shown {
  if (order === null) return { rows: matching, waiting: 0 };
  const held = new Set(order);
  return {
    rows: order.flatMap((id) => all.get(id) ?? []),
    waiting: matching.filter(({ id }) => !held.has(id)).length,
  };
}
