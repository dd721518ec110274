import { expect, test } from "vitest";
import { decodeReport, PHASES, sharesOf, stateOf, waterfall } from "./report";

const RUN = {
  run_id: "01a2120f-2a93-71d0-a9b6-459b7550eaa3",
  trigger: "manual",
  status: "running",
  started_at: "2026-11-24T12:00:00.000Z",
  finished_at: null,
  events: { total: 164, ok: 100, unchanged: 40, failed: 3, late: 1 },
  changes: 56,
  matched: 55,
  bookmakers: [
    { bookmaker: "betpawa", discovered: 51, ok: 48, failed: 3, total: 51, p50_ms: 340, p95_ms: 900 },
  ],
  phases_ms: { discover: 1000, fetch: 6000, map: 2000, write: 1000 },
  errors: [{ bookmaker: "betpawa", kind: "RateLimited", count: 3, sample: "betpawa event: 429" }],
  silent_s: 75,
  stalled: true,
  duration_ms: 0,
};

test("a run is read with its errors, phases and what makes it stalled", () => {
  const run = decodeReport(RUN);
  expect([run.stalled, run.silentS, run.matched]).toEqual([true, 75, 55]);
  expect(run.errors).toEqual([RUN.errors[0]]);
  expect(run.bookmakers[0]).toMatchObject({ total: 51, p95_ms: 900, late: 0 });
  expect(() => decodeReport({ ...RUN, phases_ms: { fetch: "long" } })).toThrow("run.phases_ms.fetch");
});

test("a run that goes on and is silent is stalled, whatever its status says", () => {
  expect(stateOf("running", true)).toBe("stalled");
  expect(stateOf("partial", false)).toBe("partial");
});

test("the bar's parts and the waterfall's phases account for all work and for nothing twice", () => {
  const shares = sharesOf(RUN.phases_ms);
  expect(shares).toEqual([
    { part: "discover", share: 0.1 },
    { part: "fetch", share: 0.6 },
    { part: "read", share: 0.2 },
    { part: "store", share: 0.1 },
  ]);
  const bars = waterfall(RUN.phases_ms);
  expect(bars.map(({ phase }) => phase)).toEqual(PHASES.map(([phase]) => phase));
  for (const [index, bar] of bars.entries())
    expect(bar.from).toBeCloseTo(bars.slice(0, index).reduce((sum, { share }) => sum + share, 0));
  expect(bars.find(({ phase }) => phase === "map")).toMatchObject({ ms: 2000, share: 0.2 });
  expect([sharesOf({}), waterfall({}).every(({ share }) => share === 0)]).toEqual([[], true]);
});
