import { fetchJson } from "@/lib/http";
import { asText, list, numberOr, optionalRecord, record, textOr } from "@/lib/wire/read";

/** How many requests of a bookmaker are on the wire, may be there now, and may be there by the settings. */
export interface LimiterState {
  inFlight: number;
  ceiling: number;
  limit: number;
  /** For how long nothing may be sent, 0 when it may. */
  closedS: number;
}

export interface PipelineHealth {
  reasons: readonly string[];
  limiters: Readonly<Record<string, LimiterState>>;
  spoolBytes: number;
  spoolFull: boolean;
  /** Null while there is no database. */
  queue: QueueState | null;
}

export interface QueueState {
  depth: number;
  capacity: number;
  lag: number;
  lastWriteMs: number;
  written: number;
  dead: number;
  lastError: string;
  paused: string;
}

export async function fetchHealth(signal: AbortSignal): Promise<PipelineHealth> {
  const body = record(await fetchJson("/api/health", { signal }), "health");
  const spool = optionalRecord(body.spool, "health.spool");
  return {
    reasons: list(body, "reasons", "health", asText),
    limiters: Object.fromEntries(
      Object.entries(optionalRecord(body.limiters, "health.limiters")).map(([code, value]) => [
        code,
        limiter(value, `health.limiters.${code}`),
      ]),
    ),
    spoolBytes: numberOr(spool, "bytes", 0),
    spoolFull: spool.full === true,
    queue: body.write_queue == null ? null : queue(body.write_queue),
  };
}

function limiter(value: unknown, path: string): LimiterState {
  const row = record(value, path);
  return {
    inFlight: numberOr(row, "in_flight", 0),
    ceiling: numberOr(row, "ceiling", 0),
    limit: numberOr(row, "limit", 0),
    closedS: numberOr(row, "closed_s", 0),
  };
}

function queue(value: unknown): QueueState {
  const row = record(value, "health.write_queue");
  return {
    depth: numberOr(row, "depth", 0),
    capacity: numberOr(row, "capacity", 0),
    lag: numberOr(row, "lag", 0),
    lastWriteMs: numberOr(row, "last_write_ms", 0),
    written: numberOr(row, "written", 0),
    dead: numberOr(row, "dead", 0),
    lastError: textOr(row, "last_error", ""),
    paused: textOr(row, "paused", ""),
  };
}
