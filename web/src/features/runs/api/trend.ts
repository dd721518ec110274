import { fetchJson } from "@/lib/http";
import { asNumber, asText, list, record, text } from "@/lib/wire/read";

/** Runs of some hours as columns of one length, oldest first. */
export interface Trend {
  now: number;
  startedAt: number[];
  durationMs: number[];
  changes: number[];
  failed: number[];
}

export async function fetchTrend(hours: number, signal: AbortSignal): Promise<Trend> {
  const body = record(await fetchJson(`/api/scrape/trend?hours=${hours}`, { signal }), "trend");
  const numbers = (field: string) => list(body, field, "trend", asNumber);
  return {
    now: Date.parse(text(body, "now", "trend")),
    startedAt: list(body, "started_at", "trend", asText).map((at) => Date.parse(at)),
    durationMs: numbers("duration_ms"),
    changes: numbers("changes"),
    failed: numbers("failed"),
  };
}
