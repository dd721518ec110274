import { fetchJson } from "@/lib/http";
import { list, number, record } from "@/lib/wire/read";
import { decodeMovement, type Movement } from "../movement";

const PAGES_AT_MOST = 4;

export interface Movements {
  rows: readonly Movement[];
  /** Matches at the server, of which `rows` are the newest. */
  total: number;
}

/**
 * Fetch the newest movements that a query selects, 2,000 at most.
 *
 * @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape.
 */
export async function fetchMovements(query: string, signal: AbortSignal): Promise<Movements> {
  const rows = new Map<string, Movement>();
  let total = 0;
  for (let page = 1; page <= PAGES_AT_MOST; page++) {
    const answer = record(await fetchJson(`/api/movements?${query}&page=${page}`, { signal }), "movements");
    total = number(answer, "total", "movements");
    const part = list(answer, "movements", "movements", decodeMovement);
    for (const row of part) rows.set(row.id, row);
    if (part.length === 0 || rows.size >= total) break;
  }
  return { rows: [...rows.values()], total };
}
