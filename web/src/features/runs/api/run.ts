import { fetchJson } from "@/lib/http";
import { decodeReport, type RunReport } from "../report";

export async function fetchRun(id: string, signal: AbortSignal): Promise<RunReport> {
  return decodeReport(await fetchJson(`/api/scrape/runs/${encodeURIComponent(id)}`, { signal }));
}

/** Return the run that is on as far as it is, null when none is. */
export async function fetchActiveRun(signal: AbortSignal): Promise<RunReport | null> {
  const body = await fetchJson("/api/scrape/runs/active", { signal });
  return body === null ? null : decodeReport(body);
}
