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

/** Keys whose arrow is shown, by age: bright for ten minutes, muted for the rest of the hour. */
export class Arrows {
  private readonly bright = new Map<string, Move>();
  private readonly muted = new Map<string, Move>();

  set(key: string, move: Move): void {
    this.muted.delete(key);
    this.bright.delete(key); // so that insertion order stays order of time
    this.bright.set(key, move);
  }

  get(key: string): { move: Move; muted: boolean } | null {
    const bright = this.bright.get(key);
    if (bright !== undefined) return { move: bright, muted: false };
    const muted = this.muted.get(key);
    return muted === undefined ? null : { move: muted, muted: true };
  }

  /** Keep what `place` returns of each change, under its new key. */
  rearrange(place: (move: Move) => Move | null, keyOf: (move: Move) => string): void {
    for (const moves of [this.bright, this.muted]) {
      const kept = [...moves.values()].flatMap((move) => place(move) ?? []);
      moves.clear();
      for (const move of kept) moves.set(keyOf(move), move);
    }
  }

  /** Age the arrows and return the keys that look different now. */
  sweep(now: number): string[] {
    const touched: string[] = [];
    for (const [key, move] of this.bright) {
      if (now - move.at < BRIGHT_ARROW_MS) break;
      this.bright.delete(key);
      this.muted.set(key, move);
      touched.push(key);
    }
    for (const [key, move] of this.muted) {
      if (now - move.at < MUTED_ARROW_MS) break;
      this.muted.delete(key);
      touched.push(key);
    }
    return touched;
  }
}
