import { expect, test } from "vitest";
import type { History, Mark, Point } from "./api/fetchHistory";
import { chartsOf, indexAt, rowsOf, split } from "./series";

const NOTHING: Mark = { at: null, odds: null, reason: "not_offered" };

function point(at: number, odds: number | null, more: Partial<Point> = {}): Point {
  return { at, state: "open", odds: [odds], suspended: [], overround: 0.05, ...more };
}

function history(...books: Point[][]): History {
  return {
    now: 9000,
    kickoffAt: 99_000,
    outcomes: ["1"],
    books: books.map((points, index) => {
      return { bookmaker: `b${index}`, total: points.length, points, opening: NOTHING, closing: NOTHING };
    }),
  };
}

test("a suspended price stays on the chart, closed, and opens again with the next open one", () => {
  const given = history([
    point(1000, 2),
    point(2000, 2, { suspended: ["1"] }),
    point(3000, null, { state: "withdrawn", overround: null }),
    point(4000, 2.5),
  ]);
  const line = chartsOf(given, 0, 0).odds.lines[0]!;
  expect(line.values).toEqual([2, 2, 2, 2.5, 2.5]);
  expect(line.open).toEqual([true, false, false, true, true]);
  // Each part holds its end, so that the step up to there is drawn.
  expect(split(line)).toEqual({ open: [2, 2, null, 2.5, 2.5], closed: [null, 2, 2, 2, null] });
});

test("the gap is own price to the median of rivals that can be backed, and a rival's price to the own one", () => {
  const given = history([point(1000, 2.2)], [point(1000, 2)], [point(1000, 4, { state: "suspended" })]);
  const { gap } = chartsOf(given, 0, 0);
  expect(gap.lines[0]!.values[0]).toBeCloseTo(0.1);
  expect(gap.lines[1]!.values[0]).toBeCloseTo(-1 / 11);
  expect([gap.lines[2]!.values[0], gap.lines[2]!.open[0]]).toEqual([null, false]);
});

test("the crosshair reads the last time that is not after it", () => {
  expect([0, 10, 15, 99].map((at) => indexAt([10, 20], at))).toEqual([-1, 0, 0, 1]);
});

test("the table lists the shown bookmakers' changes, newest first, and says why an opening is missing", () => {
  const rows = rowsOf(history([point(1000, 2), point(2000, 3)], [point(1500, 4)]), (book) => book === "b0");
  expect(rows.map(({ at, kind, reason }) => [at, kind, reason])).toEqual([
    [2000, "change", ""],
    [1000, "change", ""],
    [null, "opening", "not_offered"],
    [null, "closing", "not_offered"],
  ]);
});
