import { OWN } from "@/lib/bookmakers";
import { decodeMarketRef, momentOrNull, type MarketRef } from "@/lib/wire/marketRef";
import { asText, list, number, record, text, textOr } from "@/lib/wire/read";

export interface Leg {
  outcome: string;
  bookmaker: string;
  odds: number;
  changedAt: number | null;
  /** When it was last seen to stand; null of closed ones. */
  confirmedAt: number | null;
}

/** A market whose best prices over all bookmakers add up to less than they pay. */
export interface Exposure extends MarketRef {
  id: string;
  mine: boolean;
  legs: readonly Leg[];
  /** Σ 1/price divided by the outcomes that win: below 1. */
  total: number;
  profit: number;
  peak: number;
  peakAt: number;
  openedAt: number;
  closedAt: number | null;
  closedBy: string | null;
  suppressed: readonly string[];
}

/** @throws WireError Another shape. */
export function decodeExposure(value: unknown, path: string): Exposure {
  const row = record(value, path);
  return {
    ...decodeMarketRef(row, path),
    id: text(row, "id", path),
    mine: row.mine === true,
    legs: list(row, "legs", path, (each, at) => {
      const leg = record(each, at);
      return {
        outcome: text(leg, "outcome", at),
        bookmaker: text(leg, "bookmaker", at),
        odds: number(leg, "odds", at),
        changedAt: momentOrNull(leg.changed_at),
        confirmedAt: momentOrNull(leg.confirmed_at),
      };
    }),
    total: number(row, "total", path),
    profit: number(row, "profit", path),
    peak: number(row, "peak", path),
    peakAt: momentOrNull(row.peak_at) ?? 0,
    openedAt: momentOrNull(row.opened_at) ?? 0,
    closedAt: momentOrNull(row.closed_at),
    closedBy: textOr(row, "closed_by", null),
    suppressed: list(row, "suppressed", path, asText),
  };
}

/** Split the legs into ours and theirs, each in the market's order. */
export function legsOf({ legs }: Exposure): { mine: readonly Leg[]; others: readonly Leg[] } {
  const isOurs = ({ bookmaker }: Leg) => bookmaker === OWN;
  return { mine: legs.filter(isOurs), others: legs.filter((leg) => !isOurs(leg)) };
}

/**
 * Return when the leg that was confirmed longest ago was, null where none says.
 *
 * @param heardOf When a bookmaker last confirmed the event, as far as the page has heard since: a leg is as fresh as
 * the newer of both.
 */
export function oldestConfirmation(
  { legs }: Exposure,
  heardOf: (bookmaker: string) => number | null,
): number | null {
  let oldest: number | null = null;
  for (const { bookmaker, confirmedAt } of legs) {
    const heard = heardOf(bookmaker);
    const at = heard === null ? confirmedAt : Math.max(heard, confirmedAt ?? heard);
    if (at !== null && (oldest === null || at < oldest)) oldest = at;
  }
  return oldest;
}
