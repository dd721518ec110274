import { expect, test } from "vitest";
import { preferences } from "@/lib/preferences";
import type { Setting } from "./api/settings";
import { changesOf, grouped, nameOf, problemOf, withDraft, type Drafts } from "./drafts";
import { exportText, readImport } from "./transfer";

const stale: Setting = {
  key: "stale_after_s",
  value: 600,
  default: 600,
  min: 30,
  max: 7200,
  unit: "s",
  effect: "prices older than this are stale; acts at once on every screen",
};
const enabled: Setting = {
  ...stale,
  key: "enabled_bookmakers",
  value: ["betpawa", "bet9ja"],
  default: ["betpawa", "bet9ja"],
  min: null,
  max: null,
};
const NONE: Drafts = {};

test("what was typed says what is wrong with it before anything is sent", () => {
  expect([
    problemOf(stale, "29"),
    problemOf(stale, "7201"),
    problemOf(stale, "1.5"),
    problemOf(stale, ""),
  ]).toEqual(["At least 30 s", "At most 7200 s", "A whole number is needed.", "A whole number is needed."]);
  expect([problemOf(stale, "30"), problemOf(stale, " 45 "), problemOf(enabled, "")]).toEqual([
    "",
    "",
    "At least one bookmaker has to stay on.",
  ]);
});

test("a draft is a change only while it differs, and remembers what it began from", () => {
  const drafts = withDraft(withDraft(NONE, stale, "6"), stale, "60");
  expect(changesOf([stale, enabled], drafts)).toEqual({ stale_after_s: 60 });
  expect(withDraft(drafts, stale, "600")).toEqual({});
  const pushed = withDraft(drafts, { ...stale, value: 300 }, "61");
  expect(pushed.stale_after_s).toEqual({ typed: "61", base: "600" });
  expect(changesOf([stale], withDraft(NONE, stale, "9"))).toBeNull();
  expect(changesOf([enabled], withDraft(NONE, enabled, "bet9ja"))).toEqual({
    enabled_bookmakers: ["bet9ja"],
  });
});

test("a setting that a newer server invents is shown, under its key", () => {
  const groups = grouped([stale, { ...stale, key: "brand_new_s" }]);
  expect(groups.map(({ name }) => name)).toEqual(["freshness", "other"]);
  expect(nameOf("brand_new_s")).toBe("brand new s");
});

test("an exported file read back changes nothing; another one marks what differs and says what it left out", () => {
  const file = exportText([stale, enabled], preferences());
  expect(readImport(file, [stale, enabled])).toEqual({ drafts: {}, preferences: preferences(), ignored: [] });
  const other = JSON.stringify({
    overround: 1,
    settings: { stale_after_s: 90, enabled_bookmakers: "betpawa", gone: 1 },
    preferences: { theme: "dark", zone: "Nowhere/At_all" },
  });
  expect(readImport(other, [stale, enabled])).toEqual({
    drafts: { stale_after_s: { typed: "90", base: "600" } },
    preferences: { theme: "dark" },
    ignored: ["enabled_bookmakers", "gone", "zone"],
  });
  expect([readImport("[]", []), readImport("{}", []), readImport("no json", [])]).toEqual([null, null, null]);
});
