import type { Layout } from "@/lib/store/layout";
import { shownBooks, shownColumns, type BoardAddress, type ColumnChoice } from "./address";

/** Columns that are no prices. `bn` names the bookmaker of a Stacked row and cannot be hidden there. */
export type LeadId = "ko" | "ev" | "lg" | "bk" | "age" | "bn";

interface Extent {
  /** How many columns it has. */
  span: number;
  pinned: boolean;
}
type LeadPart = Extent & { kind: "lead"; id: LeadId };
/** A market of the row's own bookmaker, or one bookmaker's prices of the Matrix's market. */
type PricePart = Extent & { id: string; column: number } & (
    { kind: "market" } | { kind: "book"; bookmaker: number }
  );
type Part = LeadPart | PricePart;

/** `start`: place of its first column, from 0. */
export type PriceSegment = PricePart & { start: number };
export type LeadSegment = LeadPart & { start: number };
export type Segment = LeadSegment | PriceSegment;

export interface GridPlan {
  /** Pinned ones first. */
  segments: readonly Segment[];
  columnTotal: number;
  /** Indexes of the market columns shown. */
  columns: readonly number[];
}

export interface Tracks {
  /** `grid-template-columns` of the pinned part and of a whole row. */
  pinned: string;
  row: string;
  pinnedWidth: number;
  least: number;
}

export const LEAD_IDS: readonly LeadId[] = ["ko", "ev", "lg", "bk", "age"];
export const DEFAULT_LEADS: readonly LeadId[] = ["ko", "ev", "bk"];
const PINNED_BY_DEFAULT: ReadonlySet<string> = new Set(["ko", "ev", "bn"]);

const NAME_WIDTH = 190;
const LEAD_WIDTHS: Readonly<Record<LeadId, number>> = {
  ko: 78,
  ev: NAME_WIDTH,
  lg: 120,
  bk: 52,
  age: 44,
  bn: 124,
};
const PRICE_WIDTH = 73;
const MARGIN_WIDTH = 40;
const SQUARE = 11;

/** Return what stands in each column of a row, in order. */
export function planOf(
  address: Pick<BoardAddress, "view" | "columns" | "markets" | "market" | "books">,
  layout: Layout,
): GridPlan {
  const columns = shownColumns(address.markets, layout);
  const prices =
    address.view === "matrix" ? matrixSegments(address, layout, columns) : marketSegments(layout, columns);
  const ordered = arrange(prices, address);
  const pinnedFirst = [...ordered.filter(({ pinned }) => pinned), ...ordered.filter(({ pinned }) => !pinned)];
  let start = 0;
  const segments = pinnedFirst.map((segment): Segment => {
    const placed = { ...segment, start };
    start += segment.span;
    return placed;
  });
  const shown = address.view === "matrix" ? matrixColumn(address, layout, columns) : columns;
  return { segments, columnTotal: start, columns: shown };
}

function marketSegments(layout: Layout, columns: readonly number[]): PricePart[] {
  return columns.map((column) => {
    const { key, outcomes } = layout.columns[column]!;
    return { kind: "market", id: key, column, span: outcomes.length + 1, pinned: false };
  });
}

function matrixColumn(
  address: Pick<BoardAddress, "market">,
  layout: Layout,
  columns: readonly number[],
): number[] {
  const chosen = layout.columns.findIndex(({ key }) => key === address.market);
  return chosen >= 0 ? [chosen] : columns.slice(0, 1);
}

/** The own house first and pinned, then every shown rival. */
function matrixSegments(
  address: Pick<BoardAddress, "market" | "books">,
  layout: Layout,
  columns: readonly number[],
): PricePart[] {
  const [column] = matrixColumn(address, layout, columns);
  if (column === undefined) return [];
  const span = layout.columns[column]!.outcomes.length + 1;
  return [layout.own, ...shownBooks(address.books, layout)].map((bookmaker) => ({
    kind: "book",
    id: layout.bookmakers[bookmaker]!.code,
    column,
    bookmaker,
    span,
    pinned: bookmaker === layout.own,
  }));
}

/** Put leads and prices in the order chosen; price columns that the choice does not name come last. */
function arrange(
  prices: readonly PricePart[],
  { view, columns }: Pick<BoardAddress, "view" | "columns">,
): Part[] {
  const chosen: readonly Pick<ColumnChoice, "id" | "pinned">[] =
    columns ?? defaultLeads(view).map((id) => ({ id, pinned: PINNED_BY_DEFAULT.has(id) }));
  const rest = new Map(prices.map((segment) => [segment.id, segment]));
  const ordered: Part[] = [];
  for (const { id, pinned } of chosen) {
    const price = rest.get(id);
    if (price !== undefined) {
      rest.delete(id);
      ordered.push({ ...price, pinned: pinned || price.pinned });
    } else if (isLead(id)) ordered.push({ kind: "lead", id, span: 1, pinned });
  }
  // The event's name is what makes a row readable, the bookmaker's what tells Stacked rows apart.
  if (!ordered.some(({ id }) => id === "ev"))
    ordered.unshift({ kind: "lead", id: "ev", span: 1, pinned: true });
  if (view === "stacked") {
    const name = ordered.findIndex(({ id }) => id === "ev");
    ordered.splice(name + 1, 0, { kind: "lead", id: "bn", span: 1, pinned: ordered[name]!.pinned });
  }
  return [...ordered, ...rest.values()];
}

/** Stacked rows name their bookmaker: the squares would say it again. */
function defaultLeads(view: BoardAddress["view"]): readonly LeadId[] {
  return view === "stacked" ? DEFAULT_LEADS.filter((id) => id !== "bk") : DEFAULT_LEADS;
}

export function isLead(id: string): id is LeadId {
  return (LEAD_IDS as readonly string[]).includes(id);
}

/** Return the column widths as CSS: prices and names share what the window has beyond the least they need. */
export function tracksOf(plan: GridPlan, chosen: BoardAddress["columns"], layout: Layout): Tracks {
  const width = (id: string) => chosen?.find((column) => column.id === id)?.width ?? null;
  const made = plan.segments.map((segment) => ({
    pinned: segment.pinned,
    ...track(segment, width(segment.id), layout),
  }));
  const pinned = made.filter((each) => each.pinned);
  const loose = made.filter((each) => !each.pinned);
  const sum = (tracks: typeof made) => tracks.reduce((total, each) => total + each.least, 0);
  const flexible = pinned.reduce((total, each) => total + each.share, 0);
  const pinnedWidth = sum(pinned);
  // The pinned part is one cell of the row: what it shares out inside, it asks for outside.
  const whole = flexible > 0 ? `minmax(${pinnedWidth}px, ${flexible}fr)` : `${pinnedWidth}px`;
  const parts = [...(pinned.length > 0 ? [whole] : []), ...loose.map((each) => each.css)];
  return {
    pinned: pinned.map((each) => each.css).join(" "),
    row: parts.join(" "),
    pinnedWidth,
    least: pinnedWidth + sum(loose),
  };
}

interface Track {
  css: string;
  least: number;
  share: number;
}

function track(segment: Segment, width: number | null, layout: Layout): Track {
  if (segment.kind === "lead") {
    const standard = Math.max(
      LEAD_WIDTHS[segment.id],
      segment.id === "bk" ? layout.bookmakers.length * SQUARE + 14 : 0,
    );
    const least = width ?? standard;
    const isFlexible = segment.id === "ev" && width === null;
    return isFlexible
      ? { css: `minmax(${least}px, 4fr)`, least, share: 4 }
      : { css: `${least}px`, least, share: 0 };
  }
  const outcomes = segment.span - 1;
  const price = width ?? PRICE_WIDTH;
  const least = outcomes * price + MARGIN_WIDTH;
  const css = width === null ? `minmax(${price}px, 1fr)` : `${price}px`;
  return {
    css: `repeat(${outcomes}, ${css}) ${MARGIN_WIDTH}px`,
    least,
    share: width === null ? outcomes : 0,
  };
}

/** Return the arrangement as the address would hold it, however much of it is the default. */
export function choicesOf(plan: GridPlan, columns: BoardAddress["columns"]): ColumnChoice[] {
  const held = columns ?? [];
  const shown = plan.segments
    .filter(({ id }) => id !== "bn")
    .map(({ id, pinned }) => ({ id, pinned, width: held.find((column) => column.id === id)?.width ?? null }));
  // What another view arranged is kept for it.
  const elsewhere = held.filter(({ id }) => !isLead(id) && !shown.some((choice) => choice.id === id));
  return [...shown, ...elsewhere];
}

/** Return the arrangement with one column moved by some places, or to the place of another one. */
export function moved(choices: readonly ColumnChoice[], id: string, to: number | string): ColumnChoice[] {
  const from = choices.findIndex((choice) => choice.id === id);
  if (from < 0) return [...choices];
  const wanted = typeof to === "number" ? from + to : choices.findIndex((choice) => choice.id === to);
  const place = Math.min(choices.length - 1, Math.max(0, wanted));
  const target = choices[place]!;
  const rest = choices.filter((choice) => choice.id !== id);
  // A column that goes among pinned ones is pinned, one that goes among the others is not.
  rest.splice(place, 0, { ...choices[from]!, pinned: target.pinned });
  return rest;
}

export function changed(
  choices: readonly ColumnChoice[],
  id: string,
  change: Partial<ColumnChoice>,
): ColumnChoice[] {
  return choices.map((choice) => (choice.id === id ? { ...choice, ...change } : choice));
}

/** Return the arrangement for the address: null for what the Board does by itself. */
export function forAddress(
  choices: readonly ColumnChoice[],
  address: Parameters<typeof planOf>[0],
  layout: Layout,
): readonly ColumnChoice[] | null {
  const standard = choicesOf(planOf({ ...address, columns: null }, layout), null);
  return JSON.stringify(choices) === JSON.stringify(standard) ? null : choices;
}
