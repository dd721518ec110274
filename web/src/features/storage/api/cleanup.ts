import { fetchJson } from "@/lib/http";
import { asNumber, list, number, numberOr, optionalRecord, record, text, textOr } from "@/lib/wire/read";

export interface CleanupPart {
  table: string;
  rows: number;
  bytes: number;
}

/** What a cleanup would delete now, and the settings it goes by. */
export interface CleanupPreview {
  settings: Readonly<Record<string, number>>;
  tables: CleanupPart[];
  rows: number;
  bytes: number;
}

export interface CleanupReport {
  startedAt: number;
  finishedAt: number | null;
  trigger: string;
  rows: number;
  bytes: number;
  reason: string;
}

export async function fetchPreview(signal?: AbortSignal): Promise<CleanupPreview> {
  const asking = { timeoutMs: 60_000, ...(signal && { signal }) };
  const body = record(await fetchJson("/api/cleanup/preview", asking), "preview");
  return {
    settings: numbers(body.settings),
    tables: list(body, "tables", "preview", (value, path) => {
      const row = record(value, path);
      return {
        table: text(row, "table", path),
        rows: number(row, "rows", path),
        bytes: numberOr(row, "bytes", 0),
      };
    }),
    rows: number(body, "rows", "preview"),
    bytes: numberOr(body, "bytes", 0),
  };
}

function numbers(value: unknown): Record<string, number> {
  const settings = optionalRecord(value, "preview.settings");
  return Object.fromEntries(Object.entries(settings).map(([key, each]) => [key, asNumber(each, key)]));
}

export async function fetchCleanups(signal: AbortSignal): Promise<CleanupReport[]> {
  const body = record(await fetchJson("/api/cleanup/history?limit=30", { signal }), "cleanups");
  return list(body, "cleanups", "cleanups", report);
}

/** Delete what is old now. @throws HttpError One is on already, or it ended early. */
export async function cleanNow(): Promise<CleanupReport> {
  const asking = { method: "POST", timeoutMs: 600_000 };
  return report(await fetchJson("/api/cleanup/execute", asking), "cleanup");
}

function report(value: unknown, path: string): CleanupReport {
  const row = record(value, path);
  const finished = Date.parse(textOr(row, "finished_at", ""));
  return {
    startedAt: Date.parse(text(row, "started_at", path)),
    finishedAt: Number.isNaN(finished) ? null : finished,
    trigger: textOr(row, "trigger", ""),
    rows: numberOr(row, "rows", 0),
    bytes: numberOr(row, "bytes", 0),
    reason: textOr(row, "reason", ""),
  };
}
