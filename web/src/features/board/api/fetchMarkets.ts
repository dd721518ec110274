import { fetchJson } from "@/lib/http";
import { columnKey } from "@/lib/store/layout";
import { asText, list, number, record, text, type Json } from "@/lib/wire/read";

/** A market type that can be shown as columns. */
export interface MarketType {
  id: string;
  name: string;
  short: string;
  groups: readonly string[];
  events: number;
  /** Keys as the address writes them, with the line's text and how many events have it. */
  lines: readonly { key: string; line: string; events: number }[];
}

/**
 * Fetch every market type on offer, the most offered first.
 *
 * @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape.
 */
export async function fetchMarkets(): Promise<MarketType[]> {
  const answer = record(await fetchJson("/api/markets"), "markets");
  return list(answer, "markets", "markets", (value, path) => {
    const row = record(value, path);
    const id = text(row, "market_id", path);
    return {
      id,
      name: text(row, "name", path),
      short: text(row, "short", path),
      groups: list(row, "groups", path, asText),
      events: number(row, "events", path),
      lines: list(row, "lines", path, (each, at) => lineOf(id, record(each, at), at)),
    };
  });
}

function lineOf(id: string, row: Json, path: string) {
  const line = text(row, "line", path);
  return { key: columnKey(id, line), line, events: number(row, "events", path) };
}
