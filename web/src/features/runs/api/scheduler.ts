import { fetchJson } from "@/lib/http";
import { number, record, textOr } from "@/lib/wire/read";

export interface Schedule {
  /** Null while paused, and where nothing is scheduled. */
  nextRunAt: number | null;
  intervalMinutes: number;
  paused: boolean;
  /** Whether this server starts runs by itself. */
  scheduled: boolean;
  connectionLostSince: number | null;
}

export async function fetchSchedule(signal: AbortSignal): Promise<Schedule> {
  return decode(await fetchJson("/api/scheduler", { signal }));
}

/** Hold runs back, or let them go on. @throws HttpError It could not be stored. */
export async function setPaused(paused: boolean): Promise<Schedule> {
  return decode(await fetchJson(`/api/scheduler/${paused ? "pause" : "resume"}`, { method: "POST" }));
}

function decode(value: unknown): Schedule {
  const body = record(value, "scheduler");
  const moment = (field: string) => {
    const at = Date.parse(textOr(body, field, ""));
    return Number.isNaN(at) ? null : at;
  };
  return {
    nextRunAt: moment("next_run_at"),
    intervalMinutes: number(body, "interval_minutes", "scheduler"),
    paused: body.paused === true,
    scheduled: body.scheduled === true,
    connectionLostSince: moment("connection_lost_since"),
  };
}
