import { expect, test } from "vitest";
import { parseState } from "@/lib/queryState";
import { decodeExposure, legsOf, oldestConfirmation, type Exposure } from "./exposure";
import { exposureCsv } from "./csv";
import { FIELDS, queryOf, sorted, takes } from "./filters";

const NOW = Date.parse("2026-11-24T12:00:00Z");

function exposure(change: Record<string, unknown> = {}): Exposure {
  const leg = (outcome: string, bookmaker: string, odds: number, at: string | null) => ({
    outcome,
    bookmaker,
    odds,
    changed_at: "2026-11-24T11:50:00.000Z",
    confirmed_at: at,
  });
  return decodeExposure(
    {
      sportradar_id: "61300947",
      home: "Enyimba",
      away: "Rangers",
      kickoff_at: "2026-11-24T15:00:00Z",
      competition: { id: "football-nigeria-npfl", name: "NPFL", country: "Nigeria" },
      market_id: "3743",
      line: "",
      market: "1X2",
      id: "e1",
      mine: true,
      legs: [
        leg("1", "sportybet", 2.45, "2026-11-24T11:59:00.000Z"),
        leg("X", "betpawa", 3.6, "2026-11-24T11:59:30.000Z"),
        leg("2", "bet9ja", 3.4, "2026-11-24T11:59:50.000Z"),
      ],
      total: 0.981,
      profit: 0.0194,
      peak: 0.024,
      peak_at: "2026-11-24T11:58:00.000Z",
      opened_at: "2026-11-24T11:56:00.000Z",
      closed_at: null,
      closed_by: null,
      suppressed: [],
      ...change,
    },
    "exposure",
  );
}

test("our legs stand apart from the others'", () => {
  const { mine, others } = legsOf(exposure());
  expect([mine.map(({ outcome }) => outcome), others.map(({ bookmaker }) => bookmaker)]).toEqual([
    ["X"],
    ["sportybet", "bet9ja"],
  ]);
});

test("the oldest age is of the leg confirmed longest ago, and what was heard since makes it younger", () => {
  expect(oldestConfirmation(exposure(), () => null)).toBe(NOW - 60_000);
  expect(oldestConfirmation(exposure(), (code) => (code === "sportybet" ? NOW : null))).toBe(NOW - 30_000);
  expect(oldestConfirmation(exposure(), () => NOW - 999_000)).toBe(NOW - 60_000);
});

test("closed ones are those of the chosen zone's day", () => {
  const filters = parseState(FIELDS, "state=closed");
  const late = exposure({ closed_at: "2026-11-23T23:30:00.000Z" });
  expect([takes(filters, late, NOW, "UTC"), takes(filters, late, NOW, "Africa/Lagos")]).toEqual([
    false,
    true,
  ]);
  expect(takes(parseState(FIELDS, "q=rangers&comp=elsewhere"), exposure(), NOW, "UTC")).toBe(false);
});

test("the server is asked for what it can select by; heads sort the rest", () => {
  expect(queryOf(parseState(FIELDS, "min=2&mine=0"))).toBe(
    "state=open&mine_only=false&suppressed=false&min_profit=0.02&page_size=500",
  );
  const rows = [exposure(), exposure({ id: "e2", peak: 0.05 }), exposure({ id: "e3", peak: 0.03 })];
  expect(sorted(rows, "-peak", () => null).map(({ id }) => id)).toEqual(["e2", "e3", "e1"]);
});

test("the file has one row per leg", () => {
  const rows = exposureCsv([exposure()], "Africa/Lagos");
  expect(rows.map((row) => [row[2], row[14], row[15], row[16], row[20]])).toEqual([
    ["2026-11-24T12:56+01:00", "1", "sportybet", 2.45, 1.94],
    ["2026-11-24T12:56+01:00", "X", "betpawa", 3.6, 1.94],
    ["2026-11-24T12:56+01:00", "2", "bet9ja", 3.4, 1.94],
  ]);
});
