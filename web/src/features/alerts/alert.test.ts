import { expect, test } from "vitest";
import { decodeAlert, decodeRules, NEW_RULE, readThreshold, shownThreshold, withPushed } from "./alert";
import { pageOf, showsOf } from "./telling";

const row = (change: Record<string, unknown> = {}) =>
  decodeAlert({
    id: "a1",
    rule_id: "r1",
    rule: "Gaps",
    condition: "gap",
    title: "Gap of 6 %",
    opened_at: "2026-11-24T12:00:00.000Z",
    resolved_at: null,
    deliveries: [],
    ...change,
  });

test.each([
  ["5", "fraction", 0.05],
  ["1,5", "points", 0.015],
  ["0.7", "fraction", 0.007],
  ["90", "s", 90],
  ["", "fraction", null],
  ["-", "fraction", null],
])("a threshold of %j %s is %s to the server, and reads back", (written, unit, value) => {
  expect(readThreshold(written, unit)).toBe(value);
  if (value !== null) expect(readThreshold(shownThreshold(value, unit), unit)).toBe(value);
});

test("pushed rows take the place of what they are about, new ones come first, ended ones leave the open list", () => {
  const listed = [row(), row({ id: "a2", opened_at: "2026-11-24T11:00:00.000Z" })];
  const pushed = new Map(
    [
      row({ resolved_at: "2026-11-24T12:05:00.000Z" }),
      row({ id: "a3", opened_at: "2026-11-24T12:06:00.000Z" }),
    ].map((alert) => [alert.id, alert]),
  );
  expect(withPushed(listed, pushed, true).map(({ id }) => id)).toEqual(["a3", "a2"]);
  expect(withPushed(listed, pushed, false).map(({ id, resolvedAt }) => [id, resolvedAt !== null])).toEqual([
    ["a3", false],
    ["a1", true],
    ["a2", false],
  ]);
});

test("moves count on their own page; a rule says how it is told, and one that is not known says nothing", () => {
  expect([pageOf(row({ condition: "steam" })), pageOf(row())]).toEqual(["/movements", "/alerts"]);
  const { rules } = decodeRules({
    rules: [
      {
        id: "r1",
        spec: { ...NEW_RULE, name: "Gaps", show: ["sound", "smoke"] },
        threshold: 0.05,
        upper: null,
        open: 0,
        hits_24h: null,
      },
    ],
    conditions: [],
  });
  expect([showsOf(row(), rules), showsOf(row({ rule_id: "r2" }), rules)]).toEqual([["sound"], null]);
});
