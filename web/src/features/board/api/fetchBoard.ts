import { fetchJson } from "@/lib/http";
import { decodeBoard } from "@/lib/wire/decodeBoard";
import type { BoardWire } from "@/types/wire";

/**
 * Fetch the Board's columnar snapshot: the markets with these keys of every listed event, the main ones for null.
 *
 * @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape.
 */
export async function fetchBoard(markets: readonly string[] | null): Promise<BoardWire> {
  const query = markets === null ? "" : `?markets=${markets.map(encodeURIComponent).join(",")}`;
  // The browser revalidates by ETag, so an unchanged Board costs a 304.
  return decodeBoard(await fetchJson(`/api/board${query}`, { cache: "no-cache" }));
}
