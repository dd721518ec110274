import { expect, test } from "vitest";
import { OddsStore } from "@/lib/store/oddsStore";
import { EventLink } from "@/lib/live/eventLink";
import { change, NOW, update } from "@/testing/boards";
import { decodeEvent } from "./api/fetchEvent";
import { eventBoard } from "./eventBoard";
import { marketRows } from "./marketRows";

const BOOKS = [
  { code: "betpawa", name: "BetPawa" },
  { code: "sportybet", name: "SportyBet" },
];

function market(id: string, line: string, name: string, prices: Record<string, number>, group: string) {
  const outcomes = Object.entries(prices).map(([each, odds]) => ({ name: each, odds, state: "open" }));
  const changed_at = new Date(NOW).toISOString();
  return {
    market_id: id,
    line,
    name,
    groups: [group],
    winners: 1,
    state: "open",
    suspect: [],
    changed_at,
    outcomes,
  };
}

const GOALS = { Over: 1.9, Under: 1.9 };
const ANSWER = {
  sportradar_id: "1",
  home: "Enyimba",
  away: "Rangers",
  kickoff_at: new Date(NOW + 3_600_000).toISOString(),
  competition: { id: "npfl", name: "NPFL", country: "Nigeria" },
  bookmakers: [
    {
      bookmaker: "betpawa",
      state: "open",
      confirmed_at: new Date(NOW).toISOString(),
      markets: [
        market("5000", "2.5", "Over/Under", GOALS, "goals"),
        market("3743", "", "1X2", { "1": 2.2, X: 3, "2": 4 }, "popular"),
        market("5000", "1.5", "Over/Under", { Over: 1.3, Under: 3.2 }, "goals"),
      ],
    },
    {
      bookmaker: "sportybet",
      state: "open",
      confirmed_at: new Date(NOW).toISOString(),
      markets: [market("3743", "", "1X2", { "1": 2, X: 3, "2": 4 }, "popular")],
    },
  ],
};

function loaded() {
  const store = new OddsStore();
  const { board, groups } = eventBoard(decodeEvent(ANSWER), {
    bookmakers: BOOKS,
    now: NOW,
    staleAfterMs: 600_000,
  });
  store.loadBoard(board);
  return { store, groups };
}

test("an event's markets become columns, lines of one type together and ascending, with gaps and margins", () => {
  const { store } = loaded();
  expect(store.layout.columns.map(({ key }) => key)).toEqual(["5000:1.5", "5000:2.5", "3743"]);
  expect(store.cell("1", 0, 2, 0).gap).toBeCloseTo(0.1);
  expect(store.margin("1", 0, 1)?.margin).toBeCloseTo(2 / 1.9 - 1);
});

test("tabs, words, differences and presence at all bookmakers choose market types", () => {
  const { store, groups } = loaded();
  const names = (change: object) =>
    marketRows(store, store.event("1"), groups, {
      group: "",
      q: "",
      minGap: 0,
      everywhere: false,
      ...change,
    }).map(({ name, columns }) => `${name} ${columns.join()}`);
  expect(names({})).toEqual(["Over/Under 0,1", "1X2 2"]);
  expect(names({ group: "goals" })).toEqual(["Over/Under 0,1"]);
  expect(names({ q: "over 1.5" })).toEqual(["Over/Under 0"]);
  expect(names({ minGap: 9 })).toEqual(["1X2 2"]);
  expect(names({ minGap: 11 })).toEqual([]);
  expect(names({ everywhere: true })).toEqual(["1X2 2"]);
});

test("the event's topic starts with a snapshot, applies deltas, asks again after a hole and tells of unknown markets", () => {
  const { store } = loaded();
  const told: string[] = [];
  const link = new EventLink(
    "event:1",
    store,
    () => told.push("again"),
    () => told.push("unknown"),
  );
  const base = { topic: "event:1", timestamp: null, epoch: "e" };
  const frame = (seq: number, odds: number, id = "3743") => {
    const outcomes = ["1", "X", "2"].map((name) => ({ name, odds, state: "open" as const }));
    const one = { ...change("1", "sportybet", [odds, 3, 4]), market_id: id, outcomes };
    return { ...base, seq, type: "odds_update" as const, data: { ...update(seq), changes: [one] } };
  };
  link.receive(frame(6, 9)); // before the snapshot: disregarded
  expect(store.cell("1", 1, 2, 0).odds).toBe(2);
  const header = {
    sportradar_id: "1",
    home: "A",
    away: "B",
    kickoff_at: ANSWER.kickoff_at,
    competition: ANSWER.competition,
  };
  const part = { part: 1, last: true, now: null, events: [header], listings: [], markets: [] };
  link.receive({ ...base, seq: 5, type: "snapshot", data: part });
  link.receive(frame(6, 2.4));
  expect(store.cell("1", 1, 2, 0).odds).toBe(2.4);
  link.receive(frame(7, 2.5, "777"));
  expect(told).toEqual(["unknown"]);
  link.receive(frame(9, 2.6));
  expect([told, store.cell("1", 1, 2, 0).odds]).toEqual([["unknown", "again"], 2.4]);
});
