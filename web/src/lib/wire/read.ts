/** Reads unknown JSON into known types; a required field of another kind raises `WireError` naming its path. */

export class WireError extends Error {
  override name = "WireError";
}

export type Json = Record<string, unknown>;

export function record(value: unknown, path: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong("an object", value, path);
  return value as Json;
}

export function optionalRecord(value: unknown, path: string): Json {
  return value === undefined || value === null ? {} : record(value, path);
}

export function text(source: Json, field: string, path: string): string {
  const value = source[field];
  if (typeof value !== "string") throw wrong("text", value, `${path}.${field}`);
  return value;
}

export function number(source: Json, field: string, path: string): number {
  const value = source[field];
  if (typeof value !== "number" || !Number.isFinite(value))
    throw wrong("a number", value, `${path}.${field}`);
  return value;
}

export function textOr<T extends string | null>(source: Json, field: string, fallback: T): string | T {
  const value = source[field];
  return typeof value === "string" ? value : fallback;
}

export function numberOr<T extends number | null>(source: Json, field: string, fallback: T): number | T {
  const value = source[field];
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}

/** Reads a list of one kind; an absent list is empty. */
export function list<T>(
  source: Json,
  field: string,
  path: string,
  item: (value: unknown, path: string) => T,
): T[] {
  const value = source[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong("a list", value, `${path}.${field}`);
  const place = `${path}.${field}`;
  try {
    return value.map((each) => item(each, place));
  } catch {
    return value.map((each, index) => item(each, `${place}[${index}]`)); // once more, to say which one
  }
}

export function asText(value: unknown, path: string): string {
  if (typeof value !== "string") throw wrong("text", value, path);
  return value;
}

export function asTextOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function asNumber(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong("a number", value, path);
  return value;
}

export function asNumberOrNull(value: unknown, path: string): number | null {
  return value === null || value === undefined ? null : asNumber(value, path);
}

export function asTexts(value: unknown, path: string): string[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw wrong("a list", value, path);
  return value.map((each, index) => asText(each, `${path}[${index}]`));
}

/** Reads one of a closed set; a value that a newer server invents becomes the fallback. */
export function oneOf<T extends string>(value: unknown, known: readonly T[], fallback: T): T {
  return known.includes(value as T) ? (value as T) : fallback;
}

function wrong(wanted: string, value: unknown, path: string): WireError {
  const kind = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  return new WireError(`${path} should be ${wanted}, is ${kind}`);
}
