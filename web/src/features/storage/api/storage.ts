import { fetchJson } from "@/lib/http";
import { list, number, numberOr, optionalRecord, record, text, textOr } from "@/lib/wire/read";

export interface TableSize {
  table: string;
  rows: number;
  bytes: number;
}

/** The storage's size at one time. */
export interface Sample {
  at: number;
  databaseBytes: number;
  freeBytes: number;
  spoolBytes: number;
  tables: TableSize[];
}

export interface StorageAlert {
  at: number;
  kind: string;
  detail: string;
}

export interface StorageNow {
  now: number;
  databaseBytes: number;
  freeBytes: number;
  spoolBytes: number;
  /** Null where the database is another machine's. */
  diskFreeBytes: number | null;
  /** Above this an alert is raised. */
  alertBytes: number;
  /** How far tables go back; null for an empty one. */
  oldest: Readonly<Record<string, number | null>>;
  sample: Sample | null;
  alerts: StorageAlert[];
}

export async function fetchStorage(signal: AbortSignal): Promise<StorageNow> {
  const body = record(await fetchJson("/api/storage", { signal }), "storage");
  return {
    now: Date.parse(text(body, "now", "storage")),
    databaseBytes: number(body, "database_bytes", "storage"),
    freeBytes: numberOr(body, "free_bytes", 0),
    spoolBytes: numberOr(body, "spool_bytes", 0),
    diskFreeBytes: numberOr(body, "disk_free_bytes", null),
    alertBytes: numberOr(body, "alert_bytes", 0),
    oldest: Object.fromEntries(
      Object.entries(optionalRecord(body.oldest, "storage.oldest")).map(([table, at]) => [
        table,
        typeof at === "string" ? Date.parse(at) : null,
      ]),
    ),
    sample: body.sample == null ? null : sample(body.sample, "storage.sample"),
    alerts: list(body, "alerts", "storage", (value, path) => {
      const row = record(value, path);
      return {
        at: Date.parse(text(row, "at", path)),
        kind: textOr(row, "kind", ""),
        detail: textOr(row, "detail", ""),
      };
    }),
  };
}

const SAMPLES = 31;

/** Fetch the daily samples of a month, oldest first. */
export async function fetchSamples(signal: AbortSignal): Promise<Sample[]> {
  const body = record(await fetchJson(`/api/storage/samples?limit=${SAMPLES}`, { signal }), "samples");
  return list(body, "samples", "samples", sample).reverse();
}

function sample(value: unknown, path: string): Sample {
  const row = record(value, path);
  return {
    at: Date.parse(text(row, "at", path)),
    databaseBytes: numberOr(row, "database_bytes", 0),
    freeBytes: numberOr(row, "free_bytes", 0),
    spoolBytes: numberOr(row, "spool_bytes", 0),
    tables: list(row, "tables", path, (each, at) => {
      const table = record(each, at);
      return {
        table: text(table, "table", at),
        rows: numberOr(table, "rows", 0),
        bytes: numberOr(table, "bytes", 0),
      };
    }),
  };
}
