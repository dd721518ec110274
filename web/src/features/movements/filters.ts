import { flagField, listField, oneOfField, textField, type StateOf } from "@/lib/queryState";
import { searchable } from "@/lib/text";
import { isOwn, KINDS, type Movement } from "./movement";

export const WHO = ["all", "mine", "rivals", "unanswered"] as const;
export const WINDOWS = ["15m", "1h", "6h", "24h"] as const;
export const MIN_MOVES = ["0", "1", "2", "3", "5", "10"] as const;
export const KIND_FILTERS = ["all", ...KINDS, "steam"] as const;

/** The Movements page in its address. */
export const FIELDS = {
  who: oneOfField(WHO, "all"),
  win: oneOfField(WINDOWS, "15m"),
  /** Least move in percent. */
  min: oneOfField(MIN_MOVES, "3"),
  kind: oneOfField(KIND_FILTERS, "all"),
  mk: listField(),
  bk: listField(),
  comp: listField(),
  q: textField(),
  paused: flagField(),
};

export type Filters = StateOf<typeof FIELDS>;

const SECONDS: Readonly<Record<Filters["win"], number>> = {
  "15m": 900,
  "1h": 3600,
  "6h": 21_600,
  "24h": 86_400,
};

export function windowMs(filters: Filters): number {
  return SECONDS[filters.win] * 1000;
}

/** Write what the server can select by; the rest is left to `takes`. */
export function queryOf(filters: Filters): string {
  const query = new URLSearchParams({ window_s: String(SECONDS[filters.win]), page_size: "500" });
  if (filters.min !== "0") {
    query.set("min_change", String(Number(filters.min) / 100));
    query.set("closings", "true");
  }
  if (filters.who === "unanswered") query.set("unanswered", "true");
  else if (filters.who !== "all") query.set("who", filters.who);
  if (filters.kind === "steam") query.set("steam", "true");
  else if (filters.kind !== "all") query.set("kind", filters.kind);
  if (filters.bk.length > 0) query.set("bookmakers", filters.bk.join(","));
  if (filters.mk.length > 0) query.set("markets", filters.mk.join(","));
  if (filters.comp.length === 1) query.set("competition", filters.comp[0]!);
  return query.toString();
}

/** Return whether a movement, fetched or pushed, is one that the filters ask for. */
export function takes(filters: Filters, movement: Movement, now: number): boolean {
  if (now - movement.changedAt > windowMs(filters)) return false;
  if (filters.who === "unanswered" && movement.unanswered.every((each) => each.answeredAt !== null))
    return false;
  if (filters.kind === "steam" && movement.steam === null) return false;
  if (filters.comp.length > 0 && !filters.comp.includes(movement.competition?.id ?? "")) return false;
  if (filters.mk.length > 0 && !filters.mk.includes(movement.marketId)) return false;
  return hasWords(filters.q, movement) && movement.moves.some((move) => takesMove(filters, move));
}

function takesMove(filters: Filters, move: Movement["moves"][number]): boolean {
  if (filters.bk.length > 0 && !filters.bk.includes(move.bookmaker)) return false;
  if (filters.who === "mine" && !isOwn(move.bookmaker)) return false;
  if (filters.who === "rivals" && isOwn(move.bookmaker)) return false;
  if (filters.kind !== "all" && filters.kind !== "steam" && move.kind !== filters.kind) return false;
  const least = Number(filters.min) / 100;
  // A market that closed or opened has no size: it is told whatever the least move.
  if (move.kind !== "price" && move.kind !== "flicker") return true;
  return least === 0 || move.outcomes.some(({ change }) => Math.abs(change ?? 0) >= least - 1e-9);
}

function hasWords(query: string, { home, away, competition, market }: Movement): boolean {
  if (query === "") return true;
  const text = searchable(
    `${home} ${away} ${competition?.name ?? ""} ${competition?.country ?? ""} ${market}`,
  );
  return searchable(query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}
