import { text } from "@text/board";
import type { Layout } from "@/lib/store/layout";
import type { OddsStore } from "@/lib/store/oddsStore";
import { clockTime, shortDay } from "@/lib/timezone";
import { ATTENTION_KINDS, type Availability, type BoardAddress, type SortKey } from "./address";

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
  from: null,
  to: null,
  q: "",
  countries: [],
  competitions: [],
  minGap: 0,
  attention: [],
  minBooks: 1,
  has: [],
  lacks: [],
  availability: "all",
  started: false,
  watched: false,
} as const satisfies Partial<BoardAddress>;

export function availabilityName(value: Availability, layout: Layout): string {
  if (value !== "reference_only") return text.availability[value];
  return text.availability.reference_only(layout.bookmakers[layout.own]?.name ?? "");
}

export function bookName(code: string, layout: Layout): string {
  return layout.bookmakers.find((bookmaker) => bookmaker.code === code)?.name ?? code;
}

export function activeFilters(
  address: BoardAddress,
  layout: Layout,
  leagueName: (id: string) => string,
): ActiveFilter[] {
  const { chips } = text;
  const filters: ActiveFilter[] = [];
  const add = (name: string, without: Partial<BoardAddress>) => filters.push({ name, without });
  const each = (field: "countries" | "competitions" | "has" | "lacks", name: (value: string) => string) => {
    for (const value of address[field])
      add(name(value), { [field]: address[field].filter((other) => other !== value) });
  };
  const moment = (at: number) => `${shortDay(at, address.zone)} ${clockTime(at, address.zone)}`;
  if (address.q !== "") add(`“${address.q}”`, { q: "" });
  if (address.window !== "any") add(chips.kickoff(text.windows[address.window]), { window: "any" });
  if (address.from !== null) add(chips.from(moment(address.from)), { from: null });
  if (address.to !== null) add(chips.to(moment(address.to)), { to: null });
  each("countries", (country) => country);
  each("competitions", leagueName);
  if (address.availability !== "all")
    add(availabilityName(address.availability, layout), { availability: "all" });
  if (address.minBooks > 1) add(chips.books(address.minBooks), { minBooks: 1 });
  each("has", (code) => chips.has(bookName(code, layout)));
  each("lacks", (code) => chips.lacks(bookName(code, layout)));
  if (address.minGap > 0) add(chips.gap(address.minGap), { minGap: 0 });
  if (address.attention.length > 0) add(attentionName(address.attention), { attention: [] });
  if (address.started) add(chips.started, { started: false });
  if (address.watched) add(chips.watched, { watched: false });
  return filters;
}

function attentionName(kinds: BoardAddress["attention"]): string {
  if (kinds.length === ATTENTION_KINDS.length) return text.chips.attention;
  return text.chips.attentionOf(kinds.map((kind) => text.chips.kinds[kind]).join(", "));
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
    (country) => ({ value: country, name: country || text.noCountry, hint: "" }),
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
