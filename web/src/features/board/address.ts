import { MAIN_MARKETS, type Layout } from "@/lib/store/layout";
import type { AttentionKind, ReferenceChoice } from "@/lib/store/records";
import { BROWSER_ZONE, isZone, withOffset } from "@/lib/timezone";
import { ODDS_FORMATS, type OddsFormat } from "@/lib/format";
import type { Density, Preferences } from "@/lib/preferences";

export type View = "compare" | "stacked" | "matrix";
export type Window = "any" | "3h" | "today" | "72h" | "7d";
export type Availability = "all" | "matched" | "reference_only" | "competitors_only";
export type SortKey = "ko" | "gap" | "move" | "margin" | "league";
export type Grouping = "none" | "league" | "hour";

export interface SortBy {
  key: SortKey;
  descending: boolean;
}

/** One column, or one market's columns, as the trader arranged it. */
export interface ColumnChoice {
  /** A lead column's id, or a market's key. */
  id: string;
  /** Pixels; null for what the Board gives it. */
  width: number | null;
  /** Whether it stays at the left while the rest scrolls. */
  pinned: boolean;
}

/** The Board's screen state as its address holds it; defaults are left out of the address. */
export interface BoardAddress {
  view: View;
  /** Keys of the market groups shown, in order; null for the main markets. */
  markets: readonly string[] | null;
  /** The one market of the Matrix view, "" for the first one shown. */
  market: string;
  /** Codes of the bookmakers shown beside the own house, null for all. */
  books: readonly string[] | null;
  reference: ReferenceChoice;
  window: Window;
  /** Kick-off from (included) and to (not), as times; null for open. */
  from: number | null;
  to: number | null;
  q: string;
  countries: readonly string[];
  competitions: readonly string[];
  /** Smallest |gap| shown, in percent; 0 for all. */
  minGap: number;
  /** What makes a row worth the trader's eye; empty for all rows. */
  attention: readonly AttentionKind[];
  minBooks: number;
  /** Bookmakers that must, and must not, list an event. */
  has: readonly string[];
  lacks: readonly string[];
  availability: Availability;
  /** Whether events past kick-off are shown. */
  started: boolean;
  /** Whether only watched events are shown. */
  watched: boolean;
  sort: readonly SortBy[];
  group: Grouping;
  /** Groups whose events are folded away. */
  folded: readonly string[];
  /** Events whose rivals are shown. */
  expanded: "all" | readonly string[];
  /** The event that has the focus. */
  event: string;
  /** The event in the side panel, "" for none. */
  panel: string;
  columns: readonly ColumnChoice[] | null;
  density: Density;
  zone: string;
  format: OddsFormat;
}

export type AddressDefaults = Pick<Preferences, "density" | "zone" | "format"> &
  Partial<Pick<Preferences, "reference">>;

export const VIEWS: readonly View[] = ["compare", "stacked", "matrix"];
export const WINDOWS: readonly Window[] = ["3h", "today", "72h", "7d", "any"];
export const AVAILABILITIES: readonly Availability[] = [
  "all",
  "matched",
  "reference_only",
  "competitors_only",
];
export const SORT_KEYS: readonly SortKey[] = ["ko", "gap", "move", "margin", "league"];
export const GROUPINGS: readonly Grouping[] = ["none", "league", "hour"];
export const ATTENTION_KINDS: readonly AttentionKind[] = ["gap", "locked", "crossed", "stale"];
export const BY_KICKOFF: readonly SortBy[] = [{ key: "ko", descending: false }];
export const MAX_MARKETS = 8;
export const WIDTH_LIMITS = [40, 600] as const;
const DENSITY_LETTERS: Readonly<Record<Density, string>> = { compact: "c", normal: "n", roomy: "r" };

export function defaultAddress(preferences: AddressDefaults): BoardAddress {
  return {
    view: "compare",
    markets: null,
    market: "",
    books: null,
    reference: preferences.reference ?? "median",
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
    sort: BY_KICKOFF,
    group: "none",
    folded: [],
    expanded: [],
    event: "",
    panel: "",
    columns: null,
    density: preferences.density,
    zone: preferences.zone || BROWSER_ZONE,
    format: preferences.format,
  };
}

/** Read an address; unknown and bad values fall back to the default. */
export function parseAddress(search: string, preferences: AddressDefaults): BoardAddress {
  const query = new URLSearchParams(search);
  // A chosen reference is for a Board opened as it is; a link says what it means.
  const base = defaultAddress(search === "" ? preferences : { ...preferences, reference: "median" });
  const get = (name: string) => query.get(name) ?? "";
  const list = (name: string) => [...new Set(get(name).split(",").filter(Boolean))];
  const codes = (name: string) => list(name).filter((code) => CODE.test(code));
  const id = (name: string) => (EVENT_ID.test(get(name)) ? get(name) : "");
  const density = (Object.keys(DENSITY_LETTERS) as Density[]).find(
    (each) => DENSITY_LETTERS[each] === get("dens"),
  );
  const attention =
    get("att") === "1" ? ATTENTION_KINDS : ATTENTION_KINDS.filter((k) => list("att").includes(k));
  const zone = get("tz") !== "" && isZone(get("tz")) ? get("tz") : base.zone;
  return {
    view: known(get("view"), VIEWS, base.view),
    markets: noneAsNull(
      list("mk")
        .filter((key) => MARKET_KEY.test(key))
        .slice(0, MAX_MARKETS),
    ),
    market: MARKET_KEY.test(get("one")) ? get("one") : "",
    books: noneAsNull(codes("bk")),
    reference: CODE.test(get("ref")) ? get("ref") : base.reference,
    window: known(get("ko"), WINDOWS, base.window),
    from: timeOf(get("from")),
    to: timeOf(get("to")),
    q: get("q"),
    countries: [...new Set(query.getAll("ctry").filter(Boolean))],
    competitions: list("comp"),
    minGap: positive(get("gap"), base.minGap),
    attention,
    minBooks: Math.max(1, Math.floor(positive(get("min"), base.minBooks))),
    has: codes("has"),
    lacks: codes("not"),
    availability: known(get("avail"), AVAILABILITIES, base.availability),
    started: get("started") === "1",
    watched: get("star") === "1",
    sort: parseSort(list("sort")),
    group: known(get("grp"), GROUPINGS, base.group),
    folded: query.getAll("fold").filter(Boolean),
    expanded: get("x") === "all" ? "all" : list("x").filter((each) => EVENT_ID.test(each)),
    event: id("ev"),
    panel: id("open"),
    columns: parseColumns(list("cols")),
    density: density ?? base.density,
    zone,
    format: known(get("fmt"), ODDS_FORMATS, base.format),
  };
}

/** Write an address, without a leading "?"; empty when everything is at its default. */
export function formatAddress(address: BoardAddress): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string, standard = "") => {
    if (value !== standard) query.append(name, value);
  };
  const flag = (on: boolean) => (on ? "1" : "");
  const time = (at: number | null) => (at === null ? "" : withOffset(at, address.zone));
  put("view", address.view, "compare");
  put("mk", address.markets?.join(",") ?? "");
  put("one", address.market);
  put("bk", address.books?.join(",") ?? "");
  put("ref", address.reference, "median");
  put("ko", address.window, "any");
  put("from", time(address.from));
  put("to", time(address.to));
  put("q", address.q);
  for (const country of address.countries) put("ctry", country); // a country's name may hold a comma
  put("comp", address.competitions.join(","));
  put("gap", String(address.minGap), "0");
  put("att", address.attention.length === ATTENTION_KINDS.length ? "1" : address.attention.join(","));
  put("min", String(address.minBooks), "1");
  put("has", address.has.join(","));
  put("not", address.lacks.join(","));
  put("avail", address.availability, "all");
  put("started", flag(address.started));
  put("star", flag(address.watched));
  put("sort", address.sort.map(({ key, descending }) => (descending ? "-" : "") + key).join(","), "ko");
  put("grp", address.group, "none");
  for (const group of address.folded) put("fold", group);
  put("x", address.expanded === "all" ? "all" : address.expanded.join(","));
  put("ev", address.event);
  put("open", address.panel);
  put("cols", address.columns?.map(formatColumn).join(",") ?? "");
  put("dens", DENSITY_LETTERS[address.density], "n");
  put("tz", address.zone, BROWSER_ZONE);
  put("fmt", address.format, "decimal");
  // These are allowed in a query and stay readable.
  return query.toString().replace(/%(2C|3A|2F|7E)/g, (text) => decodeURIComponent(text));
}

/**
 * Return the address without what the Board does not have: unknown markets and bookmakers.
 *
 * @param asked Keys of the markets that the server was asked for; others may still come.
 */
export function withinLayout(address: BoardAddress, layout: Layout, asked: readonly string[]): BoardAddress {
  const exists = (key: string) => !asked.includes(key) || layout.columns.some((column) => column.key === key);
  const rival = (code: string) =>
    layout.bookmakers.some((bookmaker, index) => bookmaker.code === code && index !== layout.own);
  const listed = (code: string) => layout.bookmakers.some((bookmaker) => bookmaker.code === code);
  const markets = address.markets?.filter(exists) ?? null;
  const isMain = markets === null || markets.length === 0 || markets.join() === MAIN_MARKETS.join();
  const books = address.books?.filter(rival) ?? null;
  return {
    ...address,
    markets: isMain ? null : markets,
    market: exists(address.market) ? address.market : "",
    books: books === null || books.length === layout.bookmakers.length - 1 ? null : noneAsNull(books),
    has: address.has.filter(listed),
    lacks: address.lacks.filter(listed),
    reference: address.reference === "best" || rival(address.reference) ? address.reference : "median",
  };
}

/** Return the indexes of the market groups that are shown, in the order asked for. */
export function shownColumns(markets: readonly string[] | null, layout: Layout): number[] {
  const wanted = markets ?? MAIN_MARKETS;
  return wanted
    .map((key) => layout.columns.findIndex((column) => column.key === key))
    .filter((index) => index >= 0);
}

/** Return the keys that a number key can switch: the main markets, then what else the Board holds. */
export function marketSlots(markets: readonly string[] | null, layout: Layout): string[] {
  const held = [...MAIN_MARKETS, ...(markets ?? []), ...layout.columns.map(({ key }) => key)];
  return [...new Set(held)].filter((key) => layout.columns.some((column) => column.key === key));
}

/** Return the market keys shown after one was switched; the last one stays, and no more than eight come. */
export function toggledMarkets(markets: readonly string[] | null, key: string): readonly string[] | null {
  const shown = markets ?? MAIN_MARKETS;
  const next = shown.includes(key) ? shown.filter((each) => each !== key) : inMainOrder([...shown, key]);
  if (next.length === 0 || next.length > MAX_MARKETS) return markets;
  return next.join() === MAIN_MARKETS.join() ? null : next;
}

/** Return the codes of the bookmakers shown beside the own house. */
export function shownBooks(books: readonly string[] | null, layout: Layout): number[] {
  return layout.bookmakers
    .map((_, index) => index)
    .filter((index) => index !== layout.own)
    .filter((index) => books === null || books.includes(layout.bookmakers[index]!.code));
}

/** A main market that comes back takes its place among the others, a further one goes to the end. */
function inMainOrder(keys: readonly string[]): readonly string[] {
  const last = keys.at(-1)!;
  const place = MAIN_MARKETS.indexOf(last);
  const rest = keys.slice(0, -1);
  if (place < 0) return keys;
  const before = rest.findIndex((key) => MAIN_MARKETS.indexOf(key) > place);
  return before < 0 ? keys : rest.toSpliced(before, 0, last);
}

const CODE = /^[a-z0-9]+$/;
const EVENT_ID = /^\d+$/;
const MARKET_KEY = /^[\w-]+(:-?[\d.]+)?$/;
const COLUMN = /^([\w:.-]+?)(?:~(\d+))?(\*)?$/;

function parseColumns(texts: readonly string[]): readonly ColumnChoice[] | null {
  const columns: ColumnChoice[] = [];
  for (const text of texts) {
    const [, id, width, pin] = COLUMN.exec(text) ?? [];
    if (id === undefined || columns.some((column) => column.id === id)) continue;
    columns.push({
      id,
      width: width === undefined ? null : within(Number(width), WIDTH_LIMITS),
      pinned: pin === "*",
    });
  }
  return noneAsNull(columns);
}

function formatColumn({ id, width, pinned }: ColumnChoice): string {
  return `${id}${width === null ? "" : `~${width}`}${pinned ? "*" : ""}`;
}

export function within(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(most, Math.max(least, Math.round(value)));
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

/** A time with its offset, to the minute; anything else is no time. */
function timeOf(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) || !/(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function noneAsNull<T>(items: readonly T[]): readonly T[] | null {
  return items.length > 0 ? items : null;
}
