import { flagField, listField, oneOfField, textField, type StateOf } from "@/lib/queryState";
import { searchable } from "@/lib/text";
import { dayOf } from "@/lib/timezone";
import type { Exposure } from "./exposure";

export const STATES = ["open", "closed"] as const;
export const MIN_PROFITS = ["0", "0.5", "1", "2", "5"] as const;
export const SORTS = ["since", "profit", "peak", "age", "sum", "closed", "lasted"] as const;
const SORT_FIELDS = SORTS.flatMap((sort) => [sort, `-${sort}` as const]);

/** The Exposure page in its address. */
export const FIELDS = {
  state: oneOfField(STATES, "open"),
  /** Least profit in percent, of closed ones at its peak. */
  min: oneOfField(MIN_PROFITS, "0.5"),
  mine: flagField(true),
  hidden: flagField(),
  mk: listField(),
  comp: listField(),
  q: textField(),
  /** "" is the server's: open ones by profit, closed ones the newest first. */
  sort: oneOfField(["", ...SORT_FIELDS], ""),
};

export type Filters = StateOf<typeof FIELDS>;

/** Write what the server selects by; leagues, words and the day are left to `takes`. */
export function queryOf({ state, min, mine, hidden, mk }: Filters): string {
  const query = new URLSearchParams({
    state,
    mine_only: String(mine),
    suppressed: String(hidden),
    min_profit: String(Number(min) / 100),
    page_size: "500",
  });
  if (mk.length > 0) query.set("markets", mk.join(","));
  return query.toString();
}

export function takes({ comp, q }: Filters, row: Exposure, now: number, zone: string): boolean {
  if (row.closedAt !== null && dayOf(row.closedAt, zone) !== dayOf(now, zone)) return false;
  if (comp.length > 0 && !comp.includes(row.competition?.id ?? "")) return false;
  if (q === "") return true;
  const text = searchable(`${row.home} ${row.away} ${row.competition?.name ?? ""} ${row.market}`);
  return searchable(q)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Sort rows by what a head says; equal ones and those without the figure keep their order. */
export function sorted(
  rows: readonly Exposure[],
  sort: Filters["sort"],
  oldest: (row: Exposure) => number | null,
): readonly Exposure[] {
  if (sort === "") return rows;
  const by = sort.replace("-", "") as (typeof SORTS)[number];
  const figure = (row: Exposure): number => {
    switch (by) {
      case "since":
        return -row.openedAt;
      case "profit":
        return row.profit;
      case "peak":
        return row.peak;
      case "age":
        return -(oldest(row) ?? Infinity);
      case "sum":
        return row.total;
      case "closed":
        return row.closedAt ?? 0;
      case "lasted":
        return (row.closedAt ?? 0) - row.openedAt;
    }
  };
  const sign = sort.startsWith("-") ? -1 : 1;
  return [...rows].sort((a, b) => sign * (figure(a) - figure(b)));
}
