import { fetchJson } from "@/lib/http";
import { list, record, text } from "@/lib/wire/read";

const RUNS = 200;

/** Fetch when the newest runs began, in ms, newest first. */
export async function fetchRunTimes(signal: AbortSignal): Promise<number[]> {
  const answer = record(await fetchJson(`/api/scrape/runs?limit=${RUNS}`, { signal }), "runs");
  return list(answer, "runs", "runs", (value, path) =>
    Date.parse(text(record(value, path), "started_at", path)),
  );
}
