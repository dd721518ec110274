import { expect, test } from "vitest";
import { daysUntil, growthPerDay, sizesOf, usedBytes } from "./growth";

const DAY = 86_400_000;

test("growth is the slope over all samples, so that one odd day does not decide", () => {
  const points = [100, 210, 290, 400].map((bytes, day) => ({ at: day * DAY, bytes }));
  expect(growthPerDay(points)).toBeCloseTo(98, 6);
  expect(growthPerDay(points.slice(0, 1))).toBeNull();
  expect(growthPerDay([points[0]!, { at: 3_600_000, bytes: 900 }])).toBeNull();
});

test("room that does not get less is never full, room that is gone is full today", () => {
  expect([daysUntil(1000, 98), daysUntil(1000, -5), daysUntil(1000, null), daysUntil(-1, 5)]).toEqual([
    1000 / 98,
    null,
    null,
    0,
  ]);
});

test("free pages are room, and a table that a sample lacks has no point there", () => {
  const sample = { at: 0, databaseBytes: 100, freeBytes: 30, spoolBytes: 5, tables: [] };
  expect(usedBytes(sample)).toBe(75);
  const grown = { ...sample, at: DAY, tables: [{ table: "event", rows: 3, bytes: 9 }] };
  expect(sizesOf("event", [sample, grown])).toEqual([{ at: DAY, bytes: 9 }]);
});
