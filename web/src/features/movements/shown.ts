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
 * @param held The rows as they stood when the list was held, null for a list that is not. One that the server has
 * meanwhile pushed out of its answer stays as it was.
 */
export function shownRows(
  matching: readonly Movement[],
  all: ReadonlyMap<string, Movement>,
  held: readonly Movement[] | null,
): Shown {
  if (held === null) return { rows: matching, waiting: 0 };
  const shown = new Set(held.map(({ id }) => id));
  return {
    rows: held.map((row) => all.get(row.id) ?? row),
    waiting: matching.filter(({ id }) => !shown.has(id)).length,
  };
}
