import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OddsStore } from "@/lib/store/oddsStore";
import { board, NOW } from "@/testing/boards";
import { itemsOf, type ItemQuery } from "./items";

const LALIGA = { id: "football-spain-laliga", name: "LaLiga", country: "Spain" };
const books = { betpawa: { odds: [2, 3, 4] } };

let store: OddsStore;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  store = new OddsStore();
  store.loadBoard(
    board([
      { id: "1", kickoffAt: NOW + 60_000, books },
      { id: "2", kickoffAt: NOW + 3_600_000, competition: LALIGA, books },
      { id: "3", kickoffAt: NOW + 3_660_000, books },
    ]),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

const QUERY: ItemQuery = {
  view: "compare",
  group: "none",
  folded: [],
  expanded: [],
  zone: "Africa/Lagos",
  watched: new Set(),
};
const rows = (change: Partial<ItemQuery> = {}, ids = ["1", "2", "3"]) =>
  itemsOf(store, ids, [1, 2], { ...QUERY, ...change }).map(({ row }) => row);

test("an event opens to the rivals that are shown", () => {
  expect(rows({ expanded: ["2"] })).toEqual(["1", "2", "2/1", "2/2", "3"]);
  expect(rows({ expanded: "all" })).toHaveLength(9);
});

test("Stacked has a row a bookmaker, the first one named by its event", () => {
  expect(rows({ view: "stacked" }, ["1"])).toEqual(["1", "1/1", "1/2"]);
});

test("groups are headed and fold away; hours are the chosen zone's", () => {
  expect(rows({ group: "hour" })).toEqual(["group 2026-11-24T13", "1", "group 2026-11-24T14", "2", "3"]);
  expect(rows({ group: "league", folded: [LALIGA.id] }, ["1", "3", "2"])).toEqual([
    "group football-nigeria-npfl",
    "1",
    "3",
    `group ${LALIGA.id}`,
  ]);
});

test("watched events stand under a head of their own", () => {
  expect(rows({ watched: new Set(["3"]) }, ["3", "1", "2"])).toEqual(["group watched", "3", "1", "2"]);
});
