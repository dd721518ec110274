import { describe, expect, test } from "vitest";
import { layoutOf } from "@/lib/store/layout";
import { board } from "@/testing/boards";
import { defaultAddress, type BoardAddress } from "./address";
import { changed, choicesOf, forAddress, moved, planOf, tracksOf } from "./gridPlan";

const LAYOUT = layoutOf(board([]));
const address = (change: Partial<BoardAddress> = {}): BoardAddress => ({
  ...defaultAddress({ density: "normal", zone: "UTC", format: "decimal" }),
  ...change,
});
const ids = (change: Partial<BoardAddress> = {}) =>
  planOf(address(change), LAYOUT).segments.map(({ id }) => id);

describe("the columns", () => {
  test.each<[string, Partial<BoardAddress>, string[]]>([
    ["of Compare", {}, ["ko", "ev", "bk", "3743", "5000:2.5"]],
    ["of Stacked, with the bookmaker's name", { view: "stacked" }, ["ko", "ev", "bn", "3743", "5000:2.5"]],
    [
      "of Matrix: the own house first and pinned, one market",
      { view: "matrix", market: "5000:2.5", books: ["msport", "sportybet"] },
      ["ko", "ev", "betpawa", "bk", "sportybet", "msport"],
    ],
    [
      "of two markets in the order asked for",
      { markets: ["5000:2.5", "3743"] },
      ["ko", "ev", "bk", "5000:2.5", "3743"],
    ],
    [
      "as arranged: what is not named comes last, the event's name always",
      { columns: [{ id: "5000:2.5", width: null, pinned: false }] },
      ["ev", "5000:2.5", "3743"],
    ],
  ])("%s", (_what, change, expected) => {
    expect(ids(change)).toEqual(expected);
  });

  test("have one place each, pinned ones first", () => {
    const plan = planOf(address(), LAYOUT);
    expect(plan.segments.map(({ start, span }) => [start, span])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 4],
      [7, 3],
    ]);
    expect(plan.columnTotal).toBe(10);
  });

  test("share what the window has beyond their least width; a chosen width is kept", () => {
    const columns = [
      { id: "ev", width: 280, pinned: true },
      { id: "3743", width: 90, pinned: false },
    ];
    const tracks = tracksOf(planOf(address({ columns, markets: ["3743"] }), LAYOUT), columns, LAYOUT);
    expect(tracks).toEqual({
      pinned: "280px",
      row: "280px repeat(3, 90px) 40px",
      pinnedWidth: 280,
      least: 590,
    });
  });
});

describe("an arrangement", () => {
  const choices = choicesOf(planOf(address(), LAYOUT), null);

  test("that is the Board's own is not in the address", () => {
    expect(forAddress(choices, address(), LAYOUT)).toBeNull();
    expect(forAddress(moved(choices, "bk", 1), address(), LAYOUT)).not.toBeNull();
  });

  test.each<[string, string, number | string, string[]]>([
    ["by a place", "bk", 1, ["ko", "ev", "3743", "bk", "5000:2.5"]],
    ["to another column", "5000:2.5", "bk", ["ko", "ev", "5000:2.5", "bk", "3743"]],
    ["not beyond the end", "5000:2.5", 5, ["ko", "ev", "bk", "3743", "5000:2.5"]],
  ])("moves %s", (_what, id, to, expected) => {
    expect(moved(choices, id, to).map((choice) => choice.id)).toEqual(expected);
  });

  test("pins what is moved among pinned columns", () => {
    expect(moved(choices, "bk", "ko")[0]).toEqual({ id: "bk", width: null, pinned: true });
  });

  test("of another view is kept", () => {
    const held = changed(choices, "3743", { width: 99 });
    const matrix = choicesOf(planOf(address({ view: "matrix", columns: held }), LAYOUT), held);
    expect(matrix.find(({ id }) => id === "3743")?.width).toBe(99);
  });
});
