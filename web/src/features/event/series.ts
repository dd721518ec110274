import type { BookHistory, History, Point } from "./api/fetchHistory";
import { gapTo, median } from "@/lib/odds";

/** How one bookmaker's line looks, the same in every chart: colour variable, dash, two letters. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [8, 3],
  [3, 3],
  [8, 3, 2, 3],
  [12, 4],
  [2, 2],
  [6, 2, 2, 2],
];
const CODES: Readonly<Record<string, string>> = {
  betpawa: "BP",
  sportybet: "SB",
  bet9ja: "B9",
  betika: "BK",
  msport: "MS",
  sportpesa: "SP",
  betway: "BW",
  "1xbet": "1X",
};

export function codeOf(bookmaker: string): string {
  return CODES[bookmaker] ?? bookmaker.slice(0, 2).toUpperCase();
}

/** One bookmaker's line: a value at each time, and whether it could be backed from there on. */
export interface Line {
  /** The value last known at each time, null before the first. */
  values: (number | null)[];
  /** Whether it could be backed from there on. */
  open: boolean[];
}

/** Values of one chart at shared times, by bookmaker as in the history. */
export interface Chart {
  lines: Line[];
}

export interface Charts {
  /** Times in seconds, ascending, as uPlot wants them. */
  times: number[];
  odds: Chart;
  margin: Chart;
  gap: Chart;
}

/**
 * Lay a history out for drawing: every bookmaker's value at every time at which any of them changed.
 *
 * @param own Index of the own bookmaker among `history.books`; the gap is own price to the rivals' median and each
 * rival's price to the own one, as in the Board's cells.
 */
export function chartsOf(history: History, outcome: number, own: number): Charts {
  const until = Math.min(history.now, Math.max(history.kickoffAt, lastChange(history)));
  const changes = history.books.flatMap(({ points }) => points.map(({ at }) => at));
  const times = [...new Set([...changes, ...(changes.length > 0 ? [until] : [])])].sort((a, b) => a - b);
  const name = history.outcomes[outcome] ?? "";
  const odds = history.books.map((book) =>
    lineOf(
      book,
      times,
      (point) => point.odds[outcome] ?? null,
      (point) => isOpen(point, name),
    ),
  );
  const margin = history.books.map((book) =>
    lineOf(
      book,
      times,
      (point) => point.overround,
      (point) => point.overround !== null,
    ),
  );
  const gap = odds.map((line, book) => gapLine(odds, line, book, own, times.length));
  return {
    times: times.map((at) => at / 1000),
    odds: { lines: odds },
    margin: { lines: margin },
    gap: { lines: gap },
  };
}

function lastChange(history: History): number {
  return Math.max(0, ...history.books.map(({ points }) => points.at(-1)?.at ?? 0));
}

function isOpen(point: Point, name: string): boolean {
  return point.state === "open" && !point.suspended.includes(name);
}

function lineOf(
  book: BookHistory,
  times: readonly number[],
  valueOf: (point: Point) => number | null,
  openOf: (point: Point) => boolean,
): Line {
  const line: Line = { values: [], open: [] };
  let next = 0;
  let value: number | null = null;
  let open = false;
  for (const at of times) {
    for (; next < book.points.length && book.points[next]!.at <= at; next++) {
      const point = book.points[next]!;
      const given = valueOf(point);
      open = given !== null && openOf(point);
      value = given ?? value; // the last price stays on the chart, dashed
    }
    line.values.push(value);
    line.open.push(open);
  }
  return line;
}

function gapLine(odds: readonly Line[], line: Line, book: number, own: number, count: number): Line {
  const made: Line = { values: [], open: [] };
  let last: number | null = null;
  for (let index = 0; index < count; index++) {
    const price = line.open[index] === true ? line.values[index]! : null;
    const mine = odds[own]?.open[index] === true ? odds[own].values[index]! : null;
    const rivals = odds.flatMap((each, other) =>
      other !== own && each.open[index] === true ? [each.values[index]!] : [],
    );
    const reference = book === own ? median(rivals) : mine;
    const gap = price === null || reference === null ? null : gapTo(price, reference);
    last = gap ?? last;
    made.values.push(last);
    made.open.push(gap !== null);
  }
  return made;
}

/**
 * Split a line into what could be backed and what could not, so that each is drawn in its own way. Where one ends the
 * other begins, with one time in both: a step reaches up to its next time.
 */
export function split(line: Line): { open: (number | null)[]; closed: (number | null)[] } {
  const part = (wanted: boolean) =>
    line.values.map((value, index) => {
      if (line.open[index] === wanted) return value;
      return index > 0 && line.open[index - 1] === wanted ? line.values[index - 1]! : null;
    });
  return { open: part(true), closed: part(false) };
}

/** The index of the last time that is not after `at`, −1 before the first. */
export function indexAt(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** One change of one bookmaker as the table lists it. */
export interface HistoryRow {
  at: number | null;
  book: number;
  kind: "opening" | "closing" | "change";
  state: Point["state"] | "";
  odds: readonly (number | null)[];
  overround: number | null;
  /** Why an opening or closing is missing. */
  reason: string;
}

/** Every change, opening and closing of the shown bookmakers, newest first. */
export function rowsOf(history: History, shown: (bookmaker: string) => boolean): HistoryRow[] {
  const rows = history.books.flatMap((book, index): HistoryRow[] => {
    if (!shown(book.bookmaker)) return [];
    const marks = (["opening", "closing"] as const).map((kind): HistoryRow => {
      const { at, odds, reason } = book[kind];
      return { at, book: index, kind, state: "", odds: odds ?? [], overround: null, reason };
    });
    const changes = book.points.map(({ at, state, odds, overround }): HistoryRow => {
      return { at, book: index, kind: "change", state, odds, overround, reason: "" };
    });
    return [...changes, ...marks.filter(({ reason, odds }) => reason !== "" || odds.length > 0)];
  });
  return rows.sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
}
