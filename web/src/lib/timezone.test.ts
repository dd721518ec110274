import { expect, test } from "vitest";
import { clockTime, dayOf, endOfDay, isZone, offsetName } from "./timezone";

const AT = Date.parse("2026-11-24T23:30:00Z");

test("times are those of the chosen zone", () => {
  expect([clockTime(AT, "Africa/Lagos"), clockTime(AT, "UTC")]).toEqual(["00:30", "23:30"]);
});

test("today is the chosen zone's day", () => {
  expect([dayOf(AT, "Africa/Lagos"), dayOf(AT, "UTC")]).toEqual(["2026-11-25", "2026-11-24"]);
});

test("a day ends at the zone's midnight, also on the day of 25 hours", () => {
  expect(endOfDay(AT, "Africa/Lagos")).toBe(Date.parse("2026-11-25T23:00:00Z"));
  expect(endOfDay(Date.parse("2026-10-24T22:30:00Z"), "Europe/Berlin")).toBe(
    Date.parse("2026-10-25T23:00:00Z"),
  );
});

test("zones are named by their offset, unknown ones are known to be", () => {
  expect(offsetName(AT, "Africa/Lagos")).toBe("UTC+1");
  expect([isZone("Africa/Accra"), isZone("Africa/Atlantis")]).toEqual([true, false]);
});
