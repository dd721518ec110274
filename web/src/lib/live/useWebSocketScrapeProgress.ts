import { fetchJson } from "@/lib/http";
import { useRest } from "@/lib/rest";
import { startOf } from "@/lib/runId";
import { progressOf, type ActiveRun } from "@/lib/store/statusStore";
import { useLink, useRuns } from "@/lib/store/useStatus";
import { decodeRun } from "@/lib/wire/decodeFrame";
import type { RunProgressWire, RunWire } from "@/types/wire";

/** The run that is on, as far as it is. */
export interface ScrapeProgress {
  run: ActiveRun;
  /** When it began, null where its id does not say. */
  startedAt: number | null;
  /** 0 to 1 of the phase's work, null before anything is counted. */
  share: number | null;
  current: number;
  total: number;
  etaS: number | null;
  /** Whether each step is pushed; else it is asked for every 15 s. */
  pushed: boolean;
}

/**
 * Return the run that is on, null when none is. It follows the topic `scrape_progress` of the page's one WebSocket;
 * while that is down `GET /api/scrape/runs/active` is polled instead.
 */
export function useWebSocketScrapeProgress(): ScrapeProgress | null {
  const { state } = useLink();
  const pushed = state === "live" || state === "connecting";
  const { active } = useRuns();
  const polled = useRest(["/api/scrape/runs/active", "progress"], fetchActive, !pushed);
  const run = pushed ? active : (polled.data ?? null);
  if (run === null) return null;
  const progress = progressOf(run);
  return {
    run,
    startedAt: startOf(run.runId),
    share: progress?.share ?? null,
    current: progress?.current ?? 0,
    total: progress?.total ?? 0,
    etaS: run.overall?.eta_s ?? null,
    pushed,
  };
}

async function fetchActive(signal: AbortSignal): Promise<ActiveRun | null> {
  const body = await fetchJson("/api/scrape/runs/active", { signal });
  return body === null ? null : activeRun(decodeRun(body));
}

/** Return a report of a run that goes on in the form of its pushed progress. */
function activeRun(report: RunWire): ActiveRun {
  const step = (bookmaker: string, current: number, total: number, errors: number): RunProgressWire => {
    const plain = { phase: "fetch", in_flight: 0, rate_per_s: 0, eta_s: null };
    return { run_id: report.run_id, bookmaker, current, total, errors, ...plain };
  };
  const { ok, failed, late, total } = report.events;
  return {
    runId: report.run_id,
    overall: step("", ok + failed + late, total, failed),
    byBookmaker: Object.fromEntries(
      report.bookmakers.map((part) => [
        part.bookmaker,
        step(part.bookmaker, part.ok + part.failed + part.late, part.total, part.failed),
      ]),
    ),
  };
}
