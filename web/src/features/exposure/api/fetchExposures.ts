import { fetchJson } from "@/lib/http";
import { list, number, record } from "@/lib/wire/read";
import { decodeExposure, type Exposure } from "../exposure";

export interface Exposures {
  rows: readonly Exposure[];
  /** Of the whole board, whatever the filters. */
  open: number;
  closed24h: number;
  total: number;
}

/**
 * Fetch the exposures that a query selects, 500 at most.
 *
 * @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape.
 */
export async function fetchExposures(query: string, signal: AbortSignal): Promise<Exposures> {
  const answer = record(await fetchJson(`/api/exposure?${query}`, { signal }), "exposure");
  return {
    rows: list(answer, "exposures", "exposure", decodeExposure),
    open: number(answer, "open", "exposure"),
    closed24h: number(answer, "closed_24h", "exposure"),
    total: number(answer, "total", "exposure"),
  };
}
