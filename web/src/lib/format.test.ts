import { expect, test } from "vitest";
import {
  formatAge,
  formatCountdown,
  formatGap,
  formatMargin,
  formatOdds,
  formatSize,
  formatSpan,
  type OddsFormat,
} from "./format";

test.each([
  [1.5, "1.50"],
  [18.5, "18.50"],
  [99.99, "99.99"],
  [100, "100"],
  [250.4, "250"],
])("odds of %d are written %s", (odds, text) => {
  expect(formatOdds(odds)).toBe(text);
});

test.each<[number, string, string, string]>([
  [2.25, "5/4", "+125", "44.4 %"],
  [2, "1/1", "+100", "50.0 %"],
  [1.5, "1/2", "−200", "66.7 %"],
  [1.01, "1/100", "−10000", "99.0 %"],
  [13, "12/1", "+1200", "7.7 %"],
  [1.91, "10/11", "−110", "52.4 %"],
  [251, "250/1", "+25000", "0.4 %"],
])("decimal odds of %d are %s, %s and %s", (odds, fractional, american, probability) => {
  expect(
    ["fractional", "american", "probability"].map((each) => formatOdds(odds, each as OddsFormat)),
  ).toEqual([fractional, american, probability]);
});

test.each([
  [0.014, "+1.4"],
  [-0.027, "−2.7"],
  [0.0004, "="],
  [-0.0004, "="],
  [0.0005, "+0.1"],
])("a gap of %d is written %s", (gap, text) => {
  expect(formatGap(gap)).toBe(text);
});

test.each([
  [0.0338, "3.4"],
  [-0.013, "−1.3"],
  [-0.0001, "0.0"],
])("a margin of %d is written %s", (margin, text) => {
  expect(formatMargin(margin)).toBe(text);
});

test.each([
  [-5, "0s"],
  [12_400, "12s"],
  [6 * 60_000, "6m"],
  [125 * 60_000, "2h 5m"],
  [120 * 60_000, "2h"],
  [72 * 3_600_000, "3d"],
])("an age of %d ms is written %s", (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test("a countdown shows minutes and seconds and never less than nothing", () => {
  expect([formatCountdown(192_000), formatCountdown(-1)]).toEqual(["03:12", "00:00"]);
});

test("measured times and sizes have two digits that mean something", () => {
  expect([84.4, 999.6, 4234, 9960, 43_400, 130_000, 3_900_000].map(formatSpan)).toEqual([
    "84 ms",
    "1.0 s",
    "4.2 s",
    "10 s",
    "43 s",
    "2m 10s",
    "1h 5m",
  ]);
  expect([0, 512, 4096, 12_345_678, 9_949_999, 2.5e12].map(formatSize)).toEqual([
    "0 B",
    "512 B",
    "4.1 kB",
    "12 MB",
    "9.9 MB",
    "2.5 TB",
  ]);
});
