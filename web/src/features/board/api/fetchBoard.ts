import { fetchJson } from "@/lib/http";
import { decodeBoard } from "@/lib/wire/decodeBoard";
import type { BoardWire } from "@/types/wire";

/**
 * Fetch the Board's columnar snapshot: the main markets of every listed event.
 *
 * @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape.
 */
export async function fetchBoard(): Promise<BoardWire> {
  // The browser revalidates by ETag, so an unchanged Board costs a 304.
  return decodeBoard(await fetchJson("/api/board", { cache: "no-cache" }));
}
