import { fetchJson } from "@/lib/http";
import { list, number, optionalRecord, record, text, textOr } from "@/lib/wire/read";

export const LEVELS = ["info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  number: number;
  at: number;
  level: string;
  event: string;
  fields: Readonly<Record<string, unknown>>;
}

export interface LogTail {
  lines: LogLine[];
  total: number;
}

const SHOWN = 200;

/** Fetch the newest lines of this level and above, between two moments where they are given; oldest first. */
export async function fetchLogs(
  level: Level,
  from: number | null,
  to: number | null,
  signal: AbortSignal,
): Promise<LogTail> {
  const query = new URLSearchParams({ level, limit: String(SHOWN) });
  if (from !== null) query.set("from", new Date(from).toISOString());
  if (to !== null) query.set("to", new Date(to).toISOString());
  const body = record(await fetchJson(`/api/logs?${query.toString()}`, { signal }), "logs");
  const lines = list(body, "lines", "logs", (value, path) => {
    const row = record(value, path);
    return {
      number: number(row, "number", path),
      at: Date.parse(text(row, "at", path)),
      level: textOr(row, "level", ""),
      event: textOr(row, "event", ""),
      fields: optionalRecord(row.fields, path),
    };
  });
  return { lines, total: number(body, "total", "logs") };
}
