import type { CsvValue } from "@/lib/csv";
import { withOffset } from "@/lib/timezone";
import type { Movement } from "./movement";

export const CSV_COLUMNS = [
  "at", "at_local", "sportradar_id", "kickoff_at", "country", "competition", "home", "away", "market_id", "market",
  "line", "outcome", "bookmaker", "kind", "odds_from", "odds_to", "change_pct", "flickers", "first_mover",
  "own_odds", "unanswered_since", "answered_at", "answered_by", "steam",
] as const; // prettier-ignore

/** One row per outcome that moved at each bookmaker, in view order. */
export function movementsCsv(movements: readonly Movement[], zone: string): CsvValue[][] {
  return movements.flatMap((movement) =>
    movement.moves.flatMap((move) =>
      move.outcomes.map(({ name, from, to, change }): CsvValue[] => {
        const wait = movement.unanswered.find((each) => each.outcome === name);
        return [
          iso(move.at),
          withOffset(move.at, zone),
          movement.eventId,
          iso(movement.kickoffAt),
          movement.competition?.country ?? "",
          movement.competition?.name ?? "",
          movement.home,
          movement.away,
          movement.marketId,
          movement.market,
          movement.line,
          name,
          move.bookmaker,
          move.kind,
          from,
          to,
          change === null ? null : Math.round(change * 10_000) / 100,
          move.flickers,
          movement.firstMover,
          movement.own[movement.names.indexOf(name)] ?? null,
          iso(wait?.since ?? null),
          iso(wait?.answeredAt ?? null),
          wait?.answeredBy ?? "",
          movement.steam?.outcome === name ? movement.steam.direction : "",
        ];
      }),
    ),
  );
}

function iso(at: number | null): string {
  return at === null ? "" : new Date(at).toISOString();
}
