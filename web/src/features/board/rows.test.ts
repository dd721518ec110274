import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OddsStore } from "@/lib/store/oddsStore";
import { board, change, NOW, update, type EventPrices } from "@/testing/boards";
import { ATTENTION_KINDS, defaultAddress, type BoardAddress } from "./address";
import { watchList } from "./watchList";
import { countMoved, countRows, sameUpTo, selectRows } from "./rows";

const HOUR = 3_600_000;
const LALIGA = { id: "football-spain-laliga", name: "LaLiga", country: "Spain" };
const EVENTS: EventPrices[] = [
  {
    id: "1",
    home: "Mönchengladbach",
    kickoffAt: NOW + HOUR,
    books: { betpawa: { odds: [2, 3, 4] }, sportybet: { odds: [2.2, 3, 4] } },
  },
  {
    id: "2",
    kickoffAt: NOW + 5 * HOUR,
    competition: LALIGA,
    books: { betpawa: { odds: [2.5, 3, 4] }, sportybet: { odds: [2, 3, 4] }, bet9ja: { odds: [2, 3, 4] } },
  },
  { id: "3", kickoffAt: NOW + 30 * HOUR, books: { betpawa: { odds: [2, 3, 4] } } },
  { id: "4", kickoffAt: NOW + 100 * HOUR, books: { bet9ja: { odds: [2, 3, 4] } } },
  { id: "5", kickoffAt: NOW - HOUR, books: { betpawa: { odds: [2, 3, 4] }, bet9ja: { odds: [2, 3, 4] } } },
];

let store: OddsStore;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  store = new OddsStore();
  store.loadBoard(board(EVENTS));
});
afterEach(() => {
  vi.useRealTimers();
});

function rows(change: Partial<BoardAddress> = {}): string[] {
  return selectRows(store, {
    ...defaultAddress({ density: "normal", zone: "Africa/Lagos", format: "decimal" }),
    ...change,
  });
}

describe("filters", () => {
  test.each<[string, Partial<BoardAddress>, string[]]>([
    ["nothing: all that has not started, by kick-off", {}, ["1", "2", "3", "4"]],
    ["text, without case or accents", { q: "MONCHEN" }, ["1"]],
    ["words in teams, league or country", { q: "spain enyimba" }, ["2"]],
    ["the next three hours", { window: "3h" }, ["1"]],
    ["today in the chosen zone", { window: "today" }, ["1", "2"]],
    ["72 hours", { window: "72h" }, ["1", "2", "3"]],
    ["a country", { countries: ["Spain"] }, ["2"]],
    ["a league", { competitions: ["football-nigeria-npfl"] }, ["1", "3", "4"]],
    ["two books at least", { minBooks: 2 }, ["1", "2"]],
    ["matched events", { availability: "matched" }, ["1", "2"]],
    ["own events only", { availability: "reference_only" }, ["3"]],
    ["events that only rivals have", { availability: "competitors_only" }, ["4"]],
    ["a gap of 20 % or more", { minGap: 20 }, ["2"]],
    ["what needs attention, crossed with an own price first", { attention: ATTENTION_KINDS }, ["2", "1"]],
    ["kick-off from", { from: NOW + 5 * HOUR }, ["2", "3", "4"]],
    ["kick-off before", { to: NOW + 5 * HOUR }, ["1"]],
    ["who lists it and who does not", { has: ["sportybet"], lacks: ["bet9ja"] }, ["1"]],
    ["what is suspended here and open there alone: nothing", { attention: ["locked"] }, []],
    ["started events too", { started: true }, ["5", "1", "2", "3", "4"]],
  ])("by %s", (_what, change, expected) => {
    expect(rows(change)).toEqual(expected);
  });

  test("are counted without building rows", () => {
    const address = defaultAddress({ density: "normal", zone: "UTC", format: "decimal" });
    expect(countRows(store, { ...address, countries: ["Spain"] })).toBe(1);
  });

  test("an own price locked while rivals are open needs attention", () => {
    store.apply(
      update(11, {
        changes: [
          change("1", "betpawa", [2.2, 3, 4], {
            outcomes: [
              { name: "1", odds: 2.2, state: "suspended" },
              { name: "X", odds: 3, state: "open" },
              { name: "2", odds: 4, state: "open" },
            ],
          }),
          change("2", "betpawa", [2, 3, 4]),
        ],
      }),
      11,
    );
    expect(rows({ attention: ATTENTION_KINDS })).toEqual(["1"]);
  });
});

describe("order", () => {
  test("has watched events first, then groups, then the keys asked for", () => {
    watchList.set(["4"]);
    const descending = { sort: [{ key: "ko", descending: true }] } as const;
    expect(rows({ group: "league", ...descending })).toEqual(["4", "3", "1", "2"]);
    expect(rows({ watched: true })).toEqual(["4"]);
    watchList.set([]);
    expect(rows({ group: "hour" })).toEqual(["1", "2", "3", "4"]);
  });

  test("by the largest gap, rows without one last in either direction", () => {
    expect(rows({ sort: [{ key: "gap", descending: true }] })).toEqual(["2", "1", "3", "4"]);
    expect(rows({ sort: [{ key: "gap", descending: false }] })).toEqual(["1", "2", "3", "4"]);
  });

  test("by the largest recent move", () => {
    store.apply(
      update(11, { changes: [change("3", "betpawa", [2.4, 3, 4]), change("1", "betpawa", [2.01, 3, 4])] }),
      11,
    );
    expect(rows({ sort: [{ key: "move", descending: true }] }).slice(0, 2)).toEqual(["3", "1"]);
  });

  test("by league, then by a second key", () => {
    const sort = [
      { key: "league", descending: false },
      { key: "ko", descending: true },
    ] as const;
    expect(rows({ sort })).toEqual(["4", "3", "1", "2"]);
  });

  test("by own margin", () => {
    expect(rows({ sort: [{ key: "margin", descending: false }] })[0]).toBe("2");
  });

  test("by nothing of a suspect price, and nothing of it needs attention", () => {
    const odds = [90, 3, 4];
    store.apply(update(11, { changes: [change("2", "betpawa", odds, { suspect: ["sum_low"] })] }), 11);
    expect(rows({ sort: [{ key: "margin", descending: false }] }).slice(-2)).toEqual(["2", "4"]);
    expect(rows({ sort: [{ key: "move", descending: true }] })).toEqual(["1", "2", "3", "4"]);
    expect(rows({ sort: [{ key: "gap", descending: true }] })).toEqual(["1", "2", "3", "4"]);
    expect(rows({ attention: ATTENTION_KINDS })).toEqual(["1"]);
  });
});

describe("what a new order would do", () => {
  test.each([
    ["nothing", ["a", "b", "c"], ["a", "b", "c"], 0],
    ["one row that moves to the top", ["a", "b", "c", "d"], ["d", "a", "b", "c"], 1],
    ["a row that appears", ["a", "b"], ["a", "x", "b"], 1],
    ["a row that goes", ["a", "b", "c"], ["a", "c"], 1],
    ["all rows turned round", ["a", "b", "c"], ["c", "b", "a"], 2],
  ])("counts %s", (_what, shown, next, moved) => {
    expect(countMoved(shown, next)).toBe(moved);
  });

  test("is free of harm when it lies below the screen", () => {
    expect(sameUpTo(1, ["a", "b", "c"], ["a", "b", "x", "c"])).toBe(true);
    expect(sameUpTo(2, ["a", "b", "c"], ["a", "b", "x", "c"])).toBe(false);
  });
});
