import { fetchJson } from "@/lib/http";
import { list, record } from "@/lib/wire/read";
import { decodeReport, type RunReport } from "../report";

export async function fetchRuns(limit: number, signal: AbortSignal): Promise<RunReport[]> {
  const body = record(await fetchJson(`/api/scrape/runs?limit=${limit}`, { signal }), "runs");
  return list(body, "runs", "runs", decodeReport);
}
