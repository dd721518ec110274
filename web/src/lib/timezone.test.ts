import { expect, test } from "vitest";
import { localMinute, momentOf, withOffset } from "./timezone";
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

test.each([
  ["Africa/Lagos", "2026-11-25T00:30+01:00"],
  ["UTC", "2026-11-24T23:30Z"],
  ["Asia/Kolkata", "2026-11-25T05:00+05:30"],
  ["America/St_Johns", "2026-11-24T20:00-03:30"],
])("a moment is written with the offset of %s and read back", (zone, written) => {
  expect(withOffset(AT, zone)).toBe(written);
  expect(Date.parse(written)).toBe(AT);
  expect(momentOf(localMinute(AT, zone), zone)).toBe(AT);
});

test("a time is understood by the zone's clocks also on the day they change", () => {
  expect(momentOf("2026-10-25T04:00", "Europe/Berlin")).toBe(Date.parse("2026-10-25T03:00:00Z"));
  expect(momentOf("2026-10-25T00:30", "Europe/Berlin")).toBe(Date.parse("2026-10-24T22:30:00Z"));
  expect(momentOf("soon", "UTC")).toBeNull();
});
