import { describe, expect, test } from "vitest";
import { bandOf, gapTo, median, overround } from "./odds";

describe("median", () => {
  test.each([
    [[], null],
    [[2.1], 2.1],
    [[2.3, 2.1], 2.2],
    [[1.9, 2.5, 2.1], 2.1],
    [[1.9, 2.5, 2.1, 2.3], 2.2],
  ])("the median of %j is %j: of two it is their mean", (prices, expected) => {
    const result = median(prices);
    if (expected === null) expect(result).toBeNull();
    else expect(result).toBeCloseTo(expected, 12);
  });
});

describe("overround", () => {
  test("adds up to the design's golden values", () => {
    expect(overround([2.6, 2.4, 4.3], 1)).toBeCloseTo(0.03384, 5);
    expect(overround([1.29, 1.73, 1.34], 2)).toBeCloseTo(0.0497, 4);
  });

  test.each([
    ["a price is missing", [2.6, null, 4.3], 1],
    ["a price is 1, as printed for what is not offered", [2.6, 1, 4.3], 1],
    ["the number of winners is not fixed", [2.6, 2.4, 4.3], null],
    ["there is one outcome only", [2.6], 1],
  ])("is nothing when %s", (_why, odds, winners) => {
    expect(overround(odds, winners)).toBeNull();
  });
});

describe("bandOf", () => {
  test.each([
    [null, 0],
    [0.019, 0],
    [-0.019, 0],
    [gapTo(2.04, 2), 1],
    [-0.02, -1],
    [0.05, 1],
    [0.051, 2],
    [-0.08, -2],
  ])("a gap of %j is in band %j", (gap, band) => {
    expect(bandOf(gap)).toBe(band);
  });
});
