/** A run's id is a UUIDv7: its first 48 bits are the moment when it began. */
export function startOf(runId: string): number | null {
  const at = parseInt(runId.replaceAll("-", "").slice(0, 12), 16);
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(runId) && Number.isSafeInteger(at) ? at : null;
}

/** The last four characters, which is how people tell runs apart. */
export function shortId(runId: string): string {
  return runId.slice(-4);
}
