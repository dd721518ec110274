/** One price change of one outcome, as it arrived here. */
export interface Move {
  at: number;
  eventId: string;
  bookmaker: number;
  column: number;
  outcome: number;
  from: number;
  to: number;
}

export const RING_SIZE = 5000;

/** The last changes, oldest overwritten first. */
export class MoveRing {
  private readonly slots: Move[] = [];
  private next = 0;

  constructor(private readonly size = RING_SIZE) {}

  push(move: Move): void {
    this.slots[this.next] = move;
    this.next = (this.next + 1) % this.size;
  }

  /** Walk from the newest to the oldest. */
  *newestFirst(): Generator<Move> {
    for (let step = 1; step <= this.slots.length; step++) {
      yield this.slots[(this.next - step + this.slots.length * 2) % this.slots.length]!;
    }
  }

  /** Keep what `place` returns of each change, in its order. */
  rearrange(place: (move: Move) => Move | null): void {
    const kept = [...this.newestFirst()].flatMap((move) => place(move) ?? []).reverse();
    this.slots.length = 0;
    this.next = 0;
    for (const move of kept) this.push(move);
  }

  /** Count the changes since a time. */
  countSince(at: number): number {
    let count = 0;
    for (const move of this.newestFirst()) {
      if (move.at < at) break;
      count++;
    }
    return count;
  }
}

export const BRIGHT_ARROW_MS = 10 * 60_000;
export const MUTED_ARROW_MS = 60 * 60_000;

/** The newest change of one outcome. */
export type Trail = Pick<Move, "at" | "from" | "to">;

/** An outcome's arrow: bright for ten minutes, muted for the rest of the hour. */
export interface Arrow {
  muted: boolean;
  /** When it looks otherwise or is gone. */
  until: number;
}

/** Return the arrow that a change leaves at `now`, null an hour later. */
export function arrowOf(trail: Trail | null, now: number): Arrow | null {
  if (trail === null || now - trail.at >= MUTED_ARROW_MS) return null;
  const muted = now - trail.at >= BRIGHT_ARROW_MS;
  return { muted, until: trail.at + (muted ? MUTED_ARROW_MS : BRIGHT_ARROW_MS) };
}

const FIELDS = 3; // at, from, to

/**
 * The newest change of every outcome: three numbers each in one array an event, outside the heap.
 *
 * After the first minutes on a busy day every outcome has changed; an object for each took half the page's heap.
 */
export class Trails {
  private readonly events = new Map<string, Float64Array>();
  /** Where each column begins among a bookmaker's outcomes, and their number at the end. */
  private starts: readonly number[] = [0];
  private bookmakers = 0;

  set(move: Move): void {
    let row = this.events.get(move.eventId);
    if (row === undefined) {
      row = new Float64Array(this.bookmakers * this.width * FIELDS);
      this.events.set(move.eventId, row);
    }
    row.set([move.at, move.from, move.to], this.place(move));
  }

  get(eventId: string, cell: Pick<Move, "bookmaker" | "column" | "outcome">): Trail | null {
    const row = this.events.get(eventId);
    const place = this.place(cell);
    const at = row?.[place] ?? 0;
    return row === undefined || at === 0 ? null : { at, from: row[place + 1]!, to: row[place + 2]! };
  }

  /** Forget the events that are not among these. */
  keep(events: ReadonlyMap<string, unknown>): void {
    for (const id of this.events.keys()) if (!events.has(id)) this.events.delete(id);
  }

  /**
   * Take other columns or bookmakers.
   *
   * @param outcomes Outcomes of each column. @param place Returns a change under its new index, null to forget it.
   */
  rearrange(outcomes: readonly number[], bookmakers: number, place: (move: Move) => Move | null): void {
    const moves = [...this.moves()];
    this.events.clear();
    let end = 0;
    this.starts = [0, ...outcomes.map((count) => (end += count))];
    this.bookmakers = bookmakers;
    for (const move of moves) {
      const placed = place(move);
      if (placed !== null) this.set(placed);
    }
  }

  private get width(): number {
    return this.starts.at(-1)!;
  }

  private place({ bookmaker, column, outcome }: Pick<Move, "bookmaker" | "column" | "outcome">): number {
    return (bookmaker * this.width + this.starts[column]! + outcome) * FIELDS;
  }

  private *moves(): Generator<Move> {
    for (const eventId of this.events.keys())
      for (let bookmaker = 0; bookmaker < this.bookmakers; bookmaker++)
        for (let column = 0; column + 1 < this.starts.length; column++)
          for (let outcome = 0; outcome < this.starts[column + 1]! - this.starts[column]!; outcome++) {
            const trail = this.get(eventId, { bookmaker, column, outcome });
            if (trail !== null) yield { eventId, bookmaker, column, outcome, ...trail };
          }
  }
}
