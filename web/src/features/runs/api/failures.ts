import { fetchJson } from "@/lib/http";
import { list, number, record, text, textOr } from "@/lib/wire/read";

/** An event that brought no prices at one bookmaker. */
export interface EventFailure {
  sportradarId: string;
  bookmaker: string;
  status: string;
  kind: string;
  detail: string;
}

export interface Failures {
  events: EventFailure[];
  total: number;
}

const SHOWN = 200;

export async function fetchFailures(id: string, signal: AbortSignal): Promise<Failures> {
  const path = `/api/scrape/runs/${encodeURIComponent(id)}/events?limit=${SHOWN}`;
  const body = record(await fetchJson(path, { signal }), "events");
  const events = list(body, "events", "events", (value, at) => {
    const row = record(value, at);
    return {
      sportradarId: text(row, "sportradar_id", at),
      bookmaker: text(row, "bookmaker", at),
      status: textOr(row, "status", ""),
      kind: textOr(row, "kind", ""),
      detail: textOr(row, "detail", ""),
    };
  });
  return { events, total: number(body, "total", "events") };
}
