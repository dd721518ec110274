/** Times of day in the zone the trader chose; the server speaks UTC only. */

export const OFFERED_ZONES = [
  "Africa/Lagos",
  "Africa/Accra",
  "Africa/Nairobi",
  "Africa/Johannesburg",
  "UTC",
] as const;

export const BROWSER_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, made);
  }
  return made;
}

export function isZone(zone: string): boolean {
  try {
    format(zone, {});
    return true;
  } catch {
    return false;
  }
}

export function clockTime(at: number, zone: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(at);
}

export function clockTimeWithSeconds(at: number, zone: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

/** "Tue 24 Nov, 14:02:10" */
export function fullTime(at: number, zone: string): string {
  return `${shortDay(at, zone)}, ${clockTimeWithSeconds(at, zone)}`;
}

/** "Tue 24 Nov" */
export function shortDay(at: number, zone: string): string {
  return format(zone, { weekday: "short", day: "numeric", month: "short" }).format(at).replace(",", "");
}

/** The calendar day as 2026-11-24, comparable as text. */
export function dayOf(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
}

/** "UTC+1", or "UTC" */
export function offsetName(at: number, zone: string): string {
  const parts = format(zone, { timeZoneName: "shortOffset" }).formatToParts(at);
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  return name === "GMT" || name === "GMT+0" ? "UTC" : name.replace("GMT", "UTC");
}

/** The end of the zone's current day, as a time. */
export function endOfDay(now: number, zone: string): number {
  const today = dayOf(now, zone);
  // The day ends within 25 hours (clocks may go back); a binary search on the calendar day needs no offset tables.
  let [low, high] = [Math.floor(now), Math.floor(now) + 26 * 3_600_000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayOf(middle, zone) === today) low = middle;
    else high = middle;
  }
  return high;
}
