/** What a trader computes from prices. Ratios are fractions here; percent exists only in `format.ts`. */

/** Return the middle price, the mean of the two middle ones for an even count, null for none. */
export function median(prices: readonly number[]): number | null {
  if (prices.length === 0) return null;
  const sorted = [...prices].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/** Return how far a price lies above (+) or below (−) a reference price. */
export function gapTo(price: number, reference: number): number {
  return price / reference - 1;
}

/**
 * Return by how much a market's prices exceed a fair book: sum(1/odds)/winners − 1.
 *
 * @param odds All outcomes of one line; null where none is offered.
 * @param winners Outcomes that pay whatever the result; null where that is not a fixed number.
 * @returns null for an incomplete set or without `winners`.
 */
export function overround(odds: readonly (number | null)[], winners: number | null): number | null {
  if (winners === null || winners <= 0 || odds.length < 2) return null;
  let booksum = 0;
  for (const price of odds) {
    if (price === null || price <= 1) return null;
    booksum += 1 / price;
  }
  return booksum / winners - 1;
}

/** Steps from quiet to loud: 0 inside the dead band, ±1 and ±2 outside, blue above and orange below. */
export type Band = -2 | -1 | 0 | 1 | 2;

let bands = { dead: 0.02, wide: 0.05 };

/** Choose where gaps begin to be loud, as fractions. */
export function setBands(dead: number, wide: number): void {
  bands = { dead, wide };
}

// 2.04 against 2.00 is 2 % to a trader and 0.020000000000000018 to the machine; 1e-9 keeps the edge where it is read.
const EDGE = 1e-9;

export function bandOf(gap: number | null): Band {
  if (gap === null) return 0;
  const size = Math.abs(gap);
  if (size < bands.dead - EDGE) return 0;
  const step = size > bands.wide + EDGE ? 2 : 1;
  return (gap > 0 ? step : -step) as Band;
}
