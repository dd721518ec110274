import { describe, expect, test } from "vitest";
import { movementsCsv } from "./csv";
import { FIELDS, queryOf, takes } from "./filters";
import { parseState } from "@/lib/queryState";
import { decodeMovement, lineOf, type Movement } from "./movement";
import { newestFirst, shownRows } from "./shown";

const AT = "2026-11-24T12:00:00.000Z";
const NOW = Date.parse(AT) + 60_000;
const filters = (query = "") => parseState(FIELDS, query);

function movement(change: Record<string, unknown> = {}): Movement {
  return decodeMovement({
    id: "m1",
    sportradar_id: "61300947",
    home: "Enyimba",
    away: "Rangers",
    kickoff_at: "2026-11-24T15:00:00Z",
    competition: { id: "football-nigeria-npfl", name: "NPFL", country: "Nigeria" },
    market_id: "3743",
    line: "",
    market: "1X2",
    started_at: AT,
    changed_at: AT,
    first_mover: "sportybet",
    names: ["1", "X", "2"],
    own: [2.3, 3.3, null],
    moves: [
      move("sportybet", [
        ["1", 2.3, 2.12],
        ["X", 3.3, 3.4],
      ]),
      move("bet9ja", [["1", 2.3, 2.15]]),
    ],
    steam: null,
    unanswered: [],
    ...change,
  });
}

function move(bookmaker: string, outcomes: [string, number | null, number | null][], kind = "price") {
  return {
    at: AT,
    bookmaker,
    kind,
    flickers: 0,
    outcomes: outcomes.map(([name, from, to]) => ({
      name,
      from,
      to,
      change: from !== null && to !== null ? to / from - 1 : null,
    })),
  };
}

describe("a movement's line", () => {
  test("is the first mover's largest change, with what others did with that outcome and our price of it", () => {
    const line = lineOf(movement())!;
    expect([line.lead.bookmaker, line.outcome.name, line.own]).toEqual(["sportybet", "1", 2.3]);
    expect(line.others.map(({ bookmaker, to }) => [bookmaker, to])).toEqual([["bet9ja", 2.15]]);
    expect(line.waiting).toBeNull();
  });

  test("is of the outcome that waits for our answer, the longest wait first", () => {
    const wait = (outcome: string, since: string) => ({
      outcome,
      bookmaker: "sportybet",
      since,
      answered_at: null,
    });
    const row = movement({
      unanswered: [wait("1", "2026-11-24T11:59:30Z"), wait("X", "2026-11-24T11:59:00Z")],
    });
    expect([lineOf(row)?.outcome.name, lineOf(row)?.waiting?.outcome]).toEqual(["X", "X"]);
  });
});

describe("filters", () => {
  test.each([
    ["", true],
    ["min=10", false],
    ["who=mine", false],
    ["who=rivals", true],
    ["who=unanswered", false],
    ["kind=suspended", false],
    ["kind=steam", false],
    ["bk=bet9ja", true],
    ["bk=msport", false],
    ["mk=5000", false],
    ["comp=football-nigeria-npfl,other", true],
    ["comp=other", false],
    ["q=enyimba+npfl", true],
    ["q=arsenal", false],
  ])("%s", (query, expected) => {
    expect(takes(filters(query), movement(), NOW)).toBe(expected);
  });

  test("a movement leaves the window by the clock", () => {
    expect(takes(filters(), movement(), NOW + 15 * 60_000)).toBe(false);
  });

  test("a market that closed has no size and is told whatever the least move; the server is asked likewise", () => {
    const closed = movement({
      moves: [move("bet9ja", [["1", 2.3, null]], "suspended")],
      first_mover: "bet9ja",
    });
    expect(takes(filters("min=10"), closed, NOW)).toBe(true);
    expect(new URLSearchParams(queryOf(filters("min=10"))).get("closings")).toBe("true");
  });
});

test("a held list keeps its order, takes new contents and counts what waits", () => {
  const [old, fresh] = [movement(), movement({ id: "m2", changed_at: "2026-11-24T12:00:30Z" })];
  const moved = movement({
    changed_at: "2026-11-24T12:00:40Z",
    moves: [move("sportybet", [["1", 2.12, 2]])],
  });
  const all = new Map([moved, fresh].map((row) => [row.id, row]));
  const matching = newestFirst(all.values());
  expect(shownRows(matching, all, [old])).toEqual({ rows: [moved], waiting: 1 });
  const pushedOut = movement({ id: "m0" });
  expect(shownRows(matching, all, [old, pushedOut]).rows).toEqual([moved, pushedOut]);
  expect(shownRows(matching, all, null)).toEqual({ rows: [moved, fresh], waiting: 0 });
});

test("the file has one row per outcome that moved at each bookmaker", () => {
  const rows = movementsCsv([movement()], "Africa/Lagos");
  expect(rows.map((row) => [row[11], row[12], row[14], row[15], row[16]])).toEqual([
    ["1", "sportybet", 2.3, 2.12, -7.83],
    ["X", "sportybet", 3.3, 3.4, 3.03],
    ["1", "bet9ja", 2.3, 2.15, -6.52],
  ]);
  expect(rows[0]?.slice(0, 2)).toEqual([AT, "2026-11-24T13:00+01:00"]);
});
