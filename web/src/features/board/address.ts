import type { Layout } from "@/lib/store/layout";
import type { ReferenceChoice } from "@/lib/store/records";
import { BROWSER_ZONE, isZone } from "@/lib/timezone";
import type { Density, Preferences } from "@/lib/preferences";

export type Window = "any" | "3h" | "today" | "72h" | "7d";
export type Availability = "all" | "matched" | "reference_only" | "competitors_only";
export type SortKey = "ko" | "gap" | "move" | "margin" | "league";

export interface SortBy {
  key: SortKey;
  descending: boolean;
}

/** The Board's screen state as its address holds it; defaults are left out of the address. */
export interface BoardAddress {
  /** Keys of the market groups shown, null for all that the server sends. */
  markets: readonly string[] | null;
  reference: ReferenceChoice;
  window: Window;
  q: string;
  countries: readonly string[];
  competitions: readonly string[];
  /** Smallest |gap| shown, in percent; 0 for all. */
  minGap: number;
  attention: boolean;
  minBooks: number;
  availability: Availability;
  /** Whether events past kick-off are shown. */
  started: boolean;
  sort: readonly SortBy[];
  /** Events whose rivals are shown. */
  open: "all" | readonly string[];
  /** The event that has the focus. */
  event: string;
  density: Density;
  zone: string;
}

export const WINDOWS: readonly Window[] = ["3h", "today", "72h", "7d", "any"];
export const AVAILABILITIES: readonly Availability[] = [
  "all",
  "matched",
  "reference_only",
  "competitors_only",
];
export const SORT_KEYS: readonly SortKey[] = ["ko", "gap", "move", "margin", "league"];
export const BY_KICKOFF: readonly SortBy[] = [{ key: "ko", descending: false }];
const DENSITY_LETTERS: Readonly<Record<Density, string>> = { compact: "c", normal: "n", roomy: "r" };

export function defaultAddress(preferences: Pick<Preferences, "density" | "zone">): BoardAddress {
  return {
    markets: null,
    reference: "median",
    window: "any",
    q: "",
    countries: [],
    competitions: [],
    minGap: 0,
    attention: false,
    minBooks: 1,
    availability: "all",
    started: false,
    sort: BY_KICKOFF,
    open: [],
    event: "",
    density: preferences.density,
    zone: preferences.zone || BROWSER_ZONE,
  };
}

/** Read an address; unknown and bad values fall back to the default. */
export function parseAddress(
  search: string,
  preferences: Pick<Preferences, "density" | "zone">,
): BoardAddress {
  const query = new URLSearchParams(search);
  const base = defaultAddress(preferences);
  const get = (name: string) => query.get(name) ?? "";
  const list = (name: string) => get(name).split(",").filter(Boolean);
  const markets = list("mk");
  const density = (Object.keys(DENSITY_LETTERS) as Density[]).find(
    (each) => DENSITY_LETTERS[each] === get("dens"),
  );
  return {
    markets: markets.length > 0 ? markets : null,
    reference: /^[a-z0-9]+$/.test(get("ref")) ? get("ref") : base.reference,
    window: known(get("ko"), WINDOWS, base.window),
    q: get("q"),
    countries: query.getAll("ctry").filter(Boolean),
    competitions: list("comp"),
    minGap: positive(get("gap"), base.minGap),
    attention: get("att") === "1",
    minBooks: Math.max(1, Math.floor(positive(get("min"), base.minBooks))),
    availability: known(get("avail"), AVAILABILITIES, base.availability),
    started: get("started") === "1",
    sort: parseSort(list("sort")),
    open: get("open") === "all" ? "all" : list("open").filter((id) => /^\d+$/.test(id)),
    event: /^\d+$/.test(get("ev")) ? get("ev") : "",
    density: density ?? base.density,
    zone: get("tz") !== "" && isZone(get("tz")) ? get("tz") : base.zone,
  };
}

/** Write an address, without a leading "?"; empty when everything is at its default. */
export function formatAddress(address: BoardAddress): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string, standard = "") => {
    if (value !== standard) query.append(name, value);
  };
  put("mk", address.markets?.join(",") ?? "");
  put("ref", address.reference, "median");
  put("ko", address.window, "any");
  put("q", address.q);
  for (const country of address.countries) put("ctry", country); // a country's name may hold a comma
  put("comp", address.competitions.join(","));
  put("gap", String(address.minGap), "0");
  put("att", address.attention ? "1" : "");
  put("min", String(address.minBooks), "1");
  put("avail", address.availability, "all");
  put("started", address.started ? "1" : "");
  put("sort", address.sort.map(({ key, descending }) => (descending ? "-" : "") + key).join(","), "ko");
  put("open", address.open === "all" ? "all" : address.open.join(","));
  put("ev", address.event);
  put("dens", DENSITY_LETTERS[address.density], "n");
  put("tz", address.zone, BROWSER_ZONE);
  // Commas, colons and slashes are allowed in a query and stay readable.
  return query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}

/** Return the address without what the Board does not have: unknown markets and reference bookmakers. */
export function withinLayout(address: BoardAddress, layout: Layout): BoardAddress {
  const markets =
    address.markets?.filter((key) => layout.columns.some((column) => column.key === key)) ?? null;
  const all = markets === null || markets.length === 0 || markets.length === layout.columns.length;
  const reference =
    address.reference === "best" ||
    layout.bookmakers.some(({ code }, index) => code === address.reference && index !== layout.own)
      ? address.reference
      : "median";
  return { ...address, markets: all ? null : markets, reference };
}

/** Return the indexes of the market groups that are shown. */
export function shownColumns(markets: readonly string[] | null, layout: Layout): number[] {
  const all = layout.columns.map((_, index) => index);
  return markets === null ? all : all.filter((index) => markets.includes(layout.columns[index]!.key));
}

function parseSort(texts: readonly string[]): readonly SortBy[] {
  const sort: SortBy[] = [];
  for (const text of texts) {
    const descending = text.startsWith("-");
    const key = known<SortKey | "">(descending ? text.slice(1) : text, SORT_KEYS, "");
    if (key !== "" && !sort.some((by) => by.key === key)) sort.push({ key, descending });
  }
  return sort.length > 0 ? sort : BY_KICKOFF;
}

function known<T extends string>(value: string, values: readonly (T | string)[], fallback: T): T {
  return values.includes(value) ? (value as T) : fallback;
}

function positive(value: string, fallback: number): number {
  const parsed = Number(value);
  return value !== "" && Number.isFinite(parsed) && parsed > 0 ? parsed : fallback;
}
