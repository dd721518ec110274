import { expect, test } from "vitest";
import { shortId, startOf } from "./runId";

test("a run's id tells when it began, and nothing where it is none", () => {
  const id = "01a2120f-2a93-71d0-a9b6-459b7550eaa3";
  expect(new Date(startOf(id)!).toISOString()).toBe("2026-11-25T09:35:13.555Z");
  expect([shortId(id), startOf("run-1"), startOf("01a2120f-2a93-41d0-a9b6-459b7550eaa3")]).toEqual([
    "eaa3",
    null,
    null,
  ]);
});
