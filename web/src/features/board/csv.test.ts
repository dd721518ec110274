import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { csvField } from "@/lib/csv";
import { OddsStore } from "@/lib/store/oddsStore";
import { board, NOW } from "@/testing/boards";
import { boardCsv, boardCsvText, CSV_COLUMNS, csvFileName } from "./csv";

let store: OddsStore;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  store = new OddsStore();
  store.loadBoard(
    board([
      {
        id: "1",
        home: "=Enyimba, FC",
        books: {
          betpawa: { odds: [2.2, 3, 4], suspended: 2 },
          sportybet: { odds: [2, 3, 4] },
          bet9ja: { odds: [2, null, 4], ageS: 900 },
        },
      },
    ]),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

const rows = () => boardCsv(store, ["1"], { columns: [0], books: [0, 1, 2], zone: "Africa/Lagos" });
const field = (row: number, name: (typeof CSV_COLUMNS)[number]) => rows()[row]![CSV_COLUMNS.indexOf(name)];

test("a row an outcome and bookmaker, none for what was never offered", () => {
  expect(rows().map((row) => [row[10], row[11], row[12]])).toEqual([
    ["1", "betpawa", 2.2],
    ["1", "sportybet", 2],
    ["1", "bet9ja", 2],
    ["X", "betpawa", 3],
    ["X", "sportybet", 3],
    ["2", "betpawa", 4],
    ["2", "sportybet", 4],
    ["2", "bet9ja", 4],
  ]);
});

test("gaps are against the fresh rivals; a locked or stale price says so and has none", () => {
  expect([field(0, "gap_median_pct"), field(0, "state")]).toEqual([10, "open"]);
  expect([field(2, "gap_median_pct"), field(2, "state")]).toEqual(["", "stale"]);
  expect([field(3, "gap_median_pct"), field(3, "state"), field(3, "overround_pct")]).toEqual([
    "",
    "suspended",
    "",
  ]);
});

test("times are UTC and beside it the chosen zone's", () => {
  expect([field(0, "kickoff_at"), field(0, "kickoff_local")]).toEqual([
    "2026-11-24T13:00:00.000Z",
    "2026-11-24T14:00+01:00",
  ]);
});

test("a text that a spreadsheet would run is defused, numbers stay numbers", () => {
  const text = boardCsvText(rows(), true);
  expect(text.startsWith("\uFEFFsportradar_id,kickoff_at,")).toBe(true);
  expect(text).toContain('"\'=Enyimba, FC"');
  expect(["=1+1", "+x", "-x", "@x", "-1", 'a"b', "a\nb"].map(csvField)).toEqual([
    "'=1+1",
    "'+x",
    "'-x",
    "'@x",
    "-1",
    '"a""b"',
    '"a\nb"',
  ]);
});

test("the file is named by the minute, in UTC", () => {
  expect(csvFileName(Date.parse("2026-02-06T12:05:59Z"))).toBe("overround_board_2026-02-06T1205Z.csv");
});
