import { fetchJson, HttpError } from "@/lib/http";
import { decodeRun } from "@/lib/wire/decodeFrame";
import { list, optionalRecord, record, textOr } from "@/lib/wire/read";
import type { RunWire } from "@/types/wire";

/** Fetch the newest runs; the first is the one that is on, if any. */
export async function fetchRuns(): Promise<RunWire[]> {
  return list(record(await fetchJson("/api/scrape/runs?limit=5"), "runs"), "runs", "runs", decodeRun);
}

/** Fetch when the next scheduled run is due, null when paused or without scheduler. */
export async function fetchNextRun(): Promise<number | null> {
  const at = Date.parse(
    textOr(optionalRecord(await fetchJson("/api/scheduler"), "scheduler"), "next_run_at", ""),
  );
  return Number.isNaN(at) ? null : at;
}

/**
 * Start a run now and return its id. One that is on already is as good: its id is returned.
 *
 * @throws HttpError, TypeError The server refuses or does not answer.
 */
export async function startRun(): Promise<string> {
  try {
    return textOr(record(await fetchJson("/api/scrape", { method: "POST" }), "scrape"), "run_id", "");
  } catch (error) {
    const running =
      error instanceof HttpError && error.status === 409
        ? textOr(optionalRecord(error.body, "scrape"), "run_id", "")
        : "";
    if (running === "") throw error;
    return running;
  }
}
