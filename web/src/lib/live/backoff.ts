export const CAP_MS = 15_000;
const FIRST_MS = 500;

/** Return how long to wait before an attempt: full jitter, anywhere up to a ceiling that doubles up to 15 s. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, FIRST_MS * 2 ** Math.max(0, failures));
}
