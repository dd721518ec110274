import { OWN } from "@/lib/bookmakers";
import { decodeMarketRef, momentOrNull, type MarketRef } from "@/lib/wire/marketRef";
import {
  asText,
  asNumberOrNull,
  list,
  number,
  numberOr,
  oneOf,
  optionalRecord,
  record,
  text,
  textOr,
  type Json,
} from "@/lib/wire/read";

export const KINDS = ["price", "suspended", "reopened", "withdrawn", "returned", "flicker"] as const;
export type MoveKind = (typeof KINDS)[number];

export interface OutcomeMove {
  name: string;
  from: number | null;
  to: number | null;
  /** to / from − 1 */
  change: number | null;
}

export interface Move {
  at: number;
  bookmaker: string;
  kind: MoveKind;
  flickers: number;
  outcomes: readonly OutcomeMove[];
}

export interface Unanswered {
  outcome: string;
  bookmaker: string;
  since: number;
  answeredAt: number | null;
  answeredBy: string | null;
}

/** All moves of one market in one run; the same id comes again, whole, when something is added. */
export interface Movement extends MarketRef {
  id: string;
  startedAt: number;
  changedAt: number;
  firstMover: string;
  names: readonly string[];
  /** Our prices when the row was made, in the order of names. */
  own: readonly (number | null)[];
  /** Oldest first. */
  moves: readonly Move[];
  steam: { outcome: string; direction: string; bookmakers: readonly string[]; competitors: number } | null;
  unanswered: readonly Unanswered[];
}

/** @throws WireError Another shape. */
export function decodeMovement(value: unknown, path = "movement"): Movement {
  const row = record(value, path);
  return {
    ...decodeMarketRef(row, path),
    id: text(row, "id", path),
    startedAt: momentOrNull(row.started_at) ?? 0,
    changedAt: momentOrNull(row.changed_at) ?? 0,
    firstMover: text(row, "first_mover", path),
    names: list(row, "names", path, asText),
    own: list(row, "own", path, asNumberOrNull),
    moves: list(row, "moves", path, decodeMove),
    steam: decodeSteam(row),
    unanswered: list(row, "unanswered", path, decodeUnanswered),
  };
}

function decodeMove(value: unknown, path: string): Move {
  const row = record(value, path);
  return {
    at: momentOrNull(row.at) ?? 0,
    bookmaker: text(row, "bookmaker", path),
    kind: oneOf(row.kind, KINDS, "price"),
    flickers: numberOr(row, "flickers", 0),
    outcomes: list(row, "outcomes", path, (each, at) => {
      const outcome = record(each, at);
      return {
        name: text(outcome, "name", at),
        from: numberOr(outcome, "from", null),
        to: numberOr(outcome, "to", null),
        change: numberOr(outcome, "change", null),
      };
    }),
  };
}

function decodeSteam(row: Json): Movement["steam"] {
  if (row.steam === null || row.steam === undefined) return null;
  const steam = optionalRecord(row.steam, "movement.steam");
  return {
    outcome: textOr(steam, "outcome", ""),
    direction: textOr(steam, "direction", ""),
    bookmakers: list(steam, "bookmakers", "movement.steam", asText),
    competitors: number(steam, "competitors", "movement.steam"),
  };
}

function decodeUnanswered(value: unknown, path: string): Unanswered {
  const row = record(value, path);
  return {
    outcome: text(row, "outcome", path),
    bookmaker: text(row, "bookmaker", path),
    since: momentOrNull(row.since) ?? 0,
    answeredAt: momentOrNull(row.answered_at),
    answeredBy: textOr(row, "answered_by", null),
  };
}

/** One movement as the list shows it: its largest change, and what others did with the same outcome since. */
export interface MovementLine {
  lead: Move;
  outcome: OutcomeMove;
  others: readonly {
    bookmaker: string;
    at: number;
    change: number | null;
    to: number | null;
    kind: MoveKind;
  }[];
  /** Our price of that outcome now, null where it cannot be backed. */
  own: number | null;
  /** Who waits longest for our answer, null where nobody does. */
  waiting: Unanswered | null;
  answered: Unanswered | null;
}

/** Return the line of a movement; null for one without an outcome that moved. */
export function lineOf(movement: Movement): MovementLine | null {
  const waiting = movement.unanswered
    .filter((each) => each.answeredAt === null)
    .sort((a, b) => a.since - b.since)[0];
  const answered = movement.unanswered.find((each) => each.answeredAt !== null);
  const first = movement.moves.find(
    (move) => move.bookmaker === movement.firstMover && move.outcomes.length > 0,
  );
  const lead = first ?? movement.moves.find((move) => move.outcomes.length > 0);
  if (lead === undefined) return null;
  const outcome =
    lead.outcomes.find(({ name }) => name === waiting?.outcome) ??
    lead.outcomes.reduce((most, each) => (sizeOf(each) > sizeOf(most) ? each : most));
  const others = new Map<string, MovementLine["others"][number]>();
  for (const { bookmaker, at, kind, outcomes } of movement.moves) {
    const theirs = outcomes.find(({ name }) => name === outcome.name);
    if (bookmaker !== lead.bookmaker && theirs !== undefined)
      others.set(bookmaker, { bookmaker, at, kind, change: theirs.change, to: theirs.to });
  }
  return {
    lead,
    outcome,
    others: [...others.values()],
    own: movement.own[movement.names.indexOf(outcome.name)] ?? null,
    waiting: waiting ?? null,
    answered: answered ?? null,
  };
}

function sizeOf(move: OutcomeMove): number {
  return Math.abs(move.change ?? 0);
}

/** Whether a bookmaker's move belongs to us or to a rival. */
export function isOwn(bookmaker: string): boolean {
  return bookmaker === OWN;
}
