import type { Layout } from "@/lib/store/layout";
import type { OddsStore } from "@/lib/store/oddsStore";
import type { Availability, BoardAddress, SortKey, Window } from "./address";

export const WINDOW_NAMES: Readonly<Record<Window, string>> = {
  "3h": "3h",
  today: "Today",
  "72h": "72h",
  "7d": "7d",
  any: "Any",
};

export const SORT_NAMES: Readonly<Record<SortKey, string>> = {
  ko: "Kick-off",
  gap: "Largest gap",
  move: "Largest recent move",
  margin: "Own margin",
  league: "League",
};

/** The direction in which a sort key is asked for first. */
export const SORTS_DESCENDING: Readonly<Record<SortKey, boolean>> = {
  ko: false,
  gap: true,
  move: true,
  margin: true,
  league: false,
};

/** One filter that is on: what it says and what takes it off. */
export interface ActiveFilter {
  name: string;
  without: Partial<BoardAddress>;
}

export const NO_FILTERS = {
  window: "any",
  q: "",
  countries: [],
  competitions: [],
  minGap: 0,
  attention: false,
  minBooks: 1,
  availability: "all",
  started: false,
} as const satisfies Partial<BoardAddress>;

export function availabilityNames(layout: Layout): Readonly<Record<Availability, string>> {
  const own = layout.bookmakers[layout.own]?.name ?? "own";
  return {
    all: "All events",
    matched: "Matched",
    reference_only: `${own} only`,
    competitors_only: "Rivals only",
  };
}

export function activeFilters(
  address: BoardAddress,
  layout: Layout,
  leagueName: (id: string) => string,
): ActiveFilter[] {
  const filters: ActiveFilter[] = [];
  const add = (name: string, without: Partial<BoardAddress>) => filters.push({ name, without });
  if (address.q !== "") add(`“${address.q}”`, { q: "" });
  if (address.window !== "any") add(`kick-off: ${WINDOW_NAMES[address.window]}`, { window: "any" });
  for (const country of address.countries)
    add(country, { countries: address.countries.filter((each) => each !== country) });
  for (const id of address.competitions)
    add(leagueName(id), { competitions: address.competitions.filter((each) => each !== id) });
  if (address.availability !== "all")
    add(availabilityNames(layout)[address.availability], { availability: "all" });
  if (address.minBooks > 1) add(`≥ ${address.minBooks} books`, { minBooks: 1 });
  if (address.minGap > 0) add(`|gap| ≥ ${address.minGap} %`, { minGap: 0 });
  if (address.attention) add("attention", { attention: false });
  if (address.started) add("with started", { started: false });
  return filters;
}

/** A value of a filter list with the number of events behind it. */
export interface Choice {
  value: string;
  name: string;
  hint: string;
  count: number;
}

export function countryChoices(store: OddsStore): Choice[] {
  return choices(
    store,
    (country) => ({ value: country, name: country || "No country", hint: "" }),
    "country",
  );
}

export function leagueChoices(store: OddsStore): Choice[] {
  const names = new Map<string, { name: string; country: string }>();
  for (const { competition } of store.events()) names.set(competition.id, competition);
  const made = choices(
    store,
    (id) => ({ value: id, name: names.get(id)?.name ?? id, hint: names.get(id)?.country ?? "" }),
    "id",
  );
  return made.sort((a, b) => a.hint.localeCompare(b.hint, "en") || a.name.localeCompare(b.name, "en"));
}

function choices(
  store: OddsStore,
  describe: (value: string) => Omit<Choice, "count">,
  field: "country" | "id",
): Choice[] {
  const counts = new Map<string, number>();
  for (const { competition } of store.events())
    counts.set(competition[field], (counts.get(competition[field]) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ ...describe(value), count }))
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
}

/** Return the sort after a click on one of its keys: same key turns it round, `add` keeps the keys before it. */
export function nextSort(sort: BoardAddress["sort"], key: SortKey, add: boolean): BoardAddress["sort"] {
  const current = sort.find((by) => by.key === key);
  const by = { key, descending: current === undefined ? SORTS_DESCENDING[key] : !current.descending };
  if (!add) return [by];
  return current === undefined ? [...sort, by] : sort.map((each) => (each.key === key ? by : each));
}
