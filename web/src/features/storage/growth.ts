import type { Sample } from "./api/storage";

const DAY_MS = 86_400_000;
/** Less says nothing of growth per day. */
const SHORTEST_MS = DAY_MS / 2;

export interface SizePoint {
  at: number;
  bytes: number;
}

/** What is really held, in the database and in the spool. */
export function usedBytes(sample: Pick<Sample, "databaseBytes" | "freeBytes" | "spoolBytes">): number {
  return sample.databaseBytes - sample.freeBytes + sample.spoolBytes;
}

/** Return by how many bytes a day a size grows: the slope of the line nearest to all points; null for too short a time. */
export function growthPerDay(points: readonly SizePoint[]): number | null {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < SHORTEST_MS) return null;
  const meanAt = points.reduce((sum, { at }) => sum + at, 0) / points.length;
  const mean = points.reduce((sum, { bytes }) => sum + bytes, 0) / points.length;
  let [over, under] = [0, 0];
  for (const { at, bytes } of points) {
    over += (at - meanAt) * (bytes - mean);
    under += (at - meanAt) ** 2;
  }
  return (over / under) * DAY_MS;
}

/** Return in how many days that much room is gone; null when it does not get less. */
export function daysUntil(room: number, perDay: number | null): number | null {
  if (perDay === null || perDay <= 0) return null;
  return Math.max(0, room / perDay);
}

/** Return a table's size over the samples. */
export function sizesOf(table: string, samples: readonly Sample[]): SizePoint[] {
  return samples.flatMap(({ at, tables }) => {
    const found = tables.find((each) => each.table === table);
    return found === undefined ? [] : [{ at, bytes: found.bytes }];
  });
}
