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

/** The time with the zone's offset, to the minute: 2026-11-24T13:00+01:00; Z in UTC. */
export function withOffset(at: number, zone: string): string {
  const offset = offsetMinutes(at, zone);
  const local = new Date(at + offset * 60_000).toISOString().slice(0, 16);
  if (offset === 0) return `${local}Z`;
  const size = Math.abs(offset);
  return `${local}${offset > 0 ? "+" : "-"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** The time that a clock of the zone shows, as 2026-11-24T13:00, for `datetime-local` fields. */
export function localMinute(at: number, zone: string): string {
  return new Date(at + offsetMinutes(at, zone) * 60_000).toISOString().slice(0, 16);
}

/** The moment when a clock of the zone shows 2026-11-24T13:00; null for text that is no such time. */
export function momentOf(local: string, zone: string): number | null {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return null;
  const first = asUtc - offsetMinutes(asUtc, zone) * 60_000;
  return asUtc - offsetMinutes(first, zone) * 60_000; // the offset at that moment, also on the day it changes
}

function offsetMinutes(at: number, zone: string): number {
  const parts = format(zone, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return Math.round((local - Math.floor(at / 1000) * 1000) / 60_000);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
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
