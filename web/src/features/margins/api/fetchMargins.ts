import { fetchJson } from "@/lib/http";
import { decodeCompetition, decodeMargins, type CompetitionMargins, type Margins } from "../margins";

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export async function fetchMargins(query: string, signal: AbortSignal): Promise<Margins> {
  return decodeMargins(await fetchJson(`/api/margins?${query}`, { signal }));
}

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export async function fetchCompetitionMargins(
  slug: string,
  query: string,
  signal: AbortSignal,
): Promise<CompetitionMargins> {
  return decodeCompetition(await fetchJson(`/api/margins/${encodeURIComponent(slug)}?${query}`, { signal }));
}
