/** Two letters that stand for a bookmaker where its name has no room. */
const SHORT: Readonly<Record<string, string>> = {
  betpawa: "BP",
  sportybet: "SB",
  bet9ja: "B9",
  msport: "MS",
  betway: "BW",
  betika: "BK",
  sportpesa: "SP",
};

/** Names of those that the Board does not list, because they are off. */
const NAMES: Readonly<Record<string, string>> = {
  betpawa: "BetPawa",
  sportybet: "SportyBet",
  bet9ja: "Bet9ja",
  msport: "MSport",
  betway: "Betway",
  betika: "Betika",
  sportpesa: "SportPesa",
};

export function fullName(code: string): string {
  return NAMES[code] ?? code;
}

/** Colours are fixed per bookmaker: the number of its `--series-n`. */
const SERIES = Object.keys(SHORT);

export const OWN = "betpawa";

export function shortName(code: string): string {
  return SHORT[code] ?? code.slice(0, 2).toUpperCase();
}

export function seriesOf(code: string): number {
  const at = SERIES.indexOf(code);
  return at < 0 ? SERIES.length : at + 1;
}
