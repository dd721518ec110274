import { describe, expect, test } from "vitest";
import { boardJson } from "@/testing/boards";
import { decodeBoard } from "./decodeBoard";
import { WireError } from "./read";

const EVENTS = [{ id: "61300947", books: { betpawa: { odds: [2.1, 3.3, null] } } }];

describe("decodeBoard", () => {
  test("reads the columns of a board", () => {
    const board = decodeBoard(boardJson(EVENTS));
    expect(board.events.id).toEqual(["61300947"]);
    expect(board.prices.odds).toEqual([[2.1, 3.3, null]]);
    expect(board.competitions[0]?.country).toBe("Nigeria");
  });

  test("ignores fields it does not know", () => {
    const json = { ...boardJson(EVENTS), revision: 7, anything: { new: true } };
    expect(decodeBoard(json).seq).toBe(10);
  });

  test("has defaults for what an older server leaves out", () => {
    const json = boardJson(EVENTS);
    const prices = json.prices as Record<string, unknown>;
    for (const field of ["market_names", "bookmaker_names", "version", "world", "winners"])
      json[field] = undefined;
    delete prices.state;
    delete prices.suspect;
    const board = decodeBoard(json);
    expect(board.market_names).toEqual(["3743", "5000 2.5"]);
    expect(board.bookmaker_names[0]).toBe("betpawa");
    expect(board.winners).toEqual([null, null]);
    expect([board.prices.state, board.prices.suspect]).toEqual([["open"], [[]]]);
  });

  test.each([
    ["not an object", () => []],
    ["without epoch", () => ({ ...boardJson(EVENTS), epoch: undefined })],
    ["with odds that are text", () => withPrices({ odds: [["2.10"]] })],
    ["with odds that are not a number", () => withPrices({ odds: [[Number.NaN]] })],
    ["with columns of different lengths", () => withPrices({ market: [0, 1] })],
  ])("refuses a board %s", (_what, make) => {
    expect(() => decodeBoard(make())).toThrow(WireError);
  });
});

function withPrices(change: Record<string, unknown>): unknown {
  const json = boardJson(EVENTS);
  return { ...json, prices: { ...(json.prices as object), ...change } };
}
