/** How numbers look on screen. Minus is U+2212, as wide as the plus in tabular figures. */

export type OddsFormat = "decimal" | "fractional" | "american" | "probability";

export const ODDS_FORMATS: readonly OddsFormat[] = ["decimal", "fractional", "american", "probability"];

/**
 * A price as the trader chose to read it: 2.25, 5/4, +125, 44.4 %.
 *
 * Decimal odds are exact; the others are rounded to what is said aloud.
 */
export function formatOdds(odds: number, format: OddsFormat = "decimal"): string {
  switch (format) {
    case "decimal":
      return odds >= 100 ? odds.toFixed(0) : odds.toFixed(2);
    case "fractional":
      return fraction(odds - 1);
    case "american":
      if (odds <= 1) return "–";
      return odds >= 2 ? `+${Math.round((odds - 1) * 100)}` : `−${Math.round(100 / (odds - 1))}`;
    case "probability":
      return `${(100 / odds).toFixed(1)} %`;
  }
}

/** The nearest fraction with a denominator that is quoted; smaller ones win while they are within half a percent. */
function fraction(profit: number): string {
  if (profit >= 100) return `${Math.round(profit)}/1`;
  let best = { numerator: Math.round(profit), denominator: 1 };
  let error = Infinity;
  for (const denominator of DENOMINATORS) {
    const numerator = Math.round(profit * denominator);
    const miss = Math.abs(numerator / denominator - profit);
    if (numerator === 0 || miss >= error) continue;
    [best, error] = [{ numerator, denominator }, miss];
    if (miss <= (profit + 1) * 0.0005) break;
  }
  return `${best.numerator}/${best.denominator}`;
}

const DENOMINATORS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 25, 33, 40, 50, 66, 80, 100];

/** A gap as signed percent with one decimal and no sign for percent; "=" when it rounds to nothing. */
export function formatGap(gap: number): string {
  const percent = Math.round(gap * 1000) / 10;
  if (percent === 0) return "=";
  return (percent > 0 ? "+" : "−") + Math.abs(percent).toFixed(1);
}

/** A margin in percent with one decimal: 0.0338 is "3.4". */
export function formatMargin(overround: number): string {
  const percent = (overround * 100).toFixed(1);
  if (percent === "-0.0") return "0.0";
  return percent.replace("-", "−");
}

/** How long ago, in the largest unit that matters: 12s, 6m, 2h 5m, 3d. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours}h` : `${hours}h ${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d`;
}

/** A measured time: 84 ms, 4.2 s, 43 s, 2m 10s, 1h 5m. */
export function formatSpan(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
}

const SIZES = ["B", "kB", "MB", "GB", "TB"];

/** A size in the largest unit that leaves a whole digit: 512 B, 4.1 kB, 12 MB. */
export function formatSize(bytes: number): string {
  const step = Math.min(
    SIZES.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3)),
  );
  const value = bytes / 1000 ** step;
  return `${step === 0 || Math.abs(value) >= 9.95 ? Math.round(value) : value.toFixed(1)} ${SIZES[step]!}`;
}

/** A countdown as mm:ss. */
export function formatCountdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A rate in few characters: 950, 1.2k. */
export function formatCount(count: number): string {
  return count < 1000 ? String(Math.round(count)) : `${(count / 1000).toFixed(1)}k`;
}

const GROUPED = new Intl.NumberFormat("en");

export function formatWhole(count: number): string {
  return GROUPED.format(count);
}
