import { fetchJson } from "@/lib/http";
import { list, number, record } from "@/lib/wire/read";
import {
  decodeEventCoverage,
  decodeGap,
  decodeMarketCoverage,
  decodeUnmapped,
  type EventCoverage,
  type Gap,
  type MarketCoverage,
  type Unmapped,
} from "../coverage";

const PAGES_AT_MOST = 4;

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export async function fetchEventCoverage(query: string, signal: AbortSignal): Promise<EventCoverage> {
  return decodeEventCoverage(await fetchJson(`/api/coverage/events?${query}`, { signal }));
}

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export async function fetchMarketCoverage(signal: AbortSignal): Promise<MarketCoverage> {
  return decodeMarketCoverage(await fetchJson("/api/coverage/markets", { signal }));
}

export interface Paged<T> {
  rows: readonly T[];
  total: number;
}

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export function fetchGaps(query: string, signal: AbortSignal): Promise<Paged<Gap>> {
  return fetchPages("/api/coverage/gaps", query, "gaps", decodeGap, signal);
}

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export function fetchUnmapped(query: string, signal: AbortSignal): Promise<Paged<Unmapped>> {
  return fetchPages("/api/coverage/unmapped", query, "unmapped", decodeUnmapped, signal);
}

/** Fetch the first 2,000 rows of a list. */
async function fetchPages<T>(
  path: string,
  query: string,
  field: string,
  decode: (value: unknown, path: string) => T,
  signal: AbortSignal,
): Promise<Paged<T>> {
  const rows: T[] = [];
  let total = 0;
  for (let page = 1; page <= PAGES_AT_MOST; page++) {
    const answer = record(await fetchJson(`${path}?${query}&page_size=500&page=${page}`, { signal }), field);
    total = number(answer, "total", field);
    const part = list(answer, field, field, decode);
    rows.push(...part);
    if (part.length === 0 || rows.length >= total) break;
  }
  return { rows, total };
}
