import { fetchJson } from "@/lib/http";
import { record, text } from "@/lib/wire/read";

/**
 * Start a run over what failed in an earlier one and return its id.
 *
 * @throws HttpError A run is on, or nothing can be stored.
 */
export async function retryRun(
  id: string,
  bookmakers: readonly string[],
  onlyFailed: boolean,
): Promise<string> {
  const answer = await fetchJson(`/api/scrape/runs/${encodeURIComponent(id)}/retry`, {
    method: "POST",
    body: JSON.stringify({ bookmakers, only_failed: onlyFailed }),
  });
  return text(record(answer, "retry"), "run_id", "retry");
}
