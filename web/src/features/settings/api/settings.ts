import { fetchJson, HttpError } from "@/lib/http";
import { asTexts, numberOr, record, text, textOr, WireError } from "@/lib/wire/read";

export type SettingValue = number | readonly string[];

/** One live setting of the server; bounds are inclusive and null where they mean nothing. */
export interface Setting {
  key: string;
  value: SettingValue;
  default: SettingValue;
  min: number | null;
  max: number | null;
  unit: string;
  effect: string;
}

export async function fetchSettings(signal: AbortSignal): Promise<Setting[]> {
  return decode(await fetchJson("/api/settings", { signal }));
}

/** Why the server took none of the changes: of which key, where it says so. */
export class SettingRefused extends Error {
  override name = "SettingRefused";

  constructor(
    readonly key: string,
    message: string,
  ) {
    super(message);
  }
}

/** Change some settings at once. @throws SettingRefused One bad value refuses all. @throws HttpError It could not be stored. */
export async function saveSettings(changes: Readonly<Record<string, SettingValue>>): Promise<Setting[]> {
  try {
    return decode(await fetchJson("/api/settings", { method: "PATCH", body: JSON.stringify(changes) }));
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 422) throw error;
    const key = Object.keys(changes).find((each) => error.message.startsWith(each)) ?? "";
    const words = key === "" ? error.message : error.message.slice(key.length).replace(/^[\s:]+/, "");
    throw new SettingRefused(key, words);
  }
}

function decode(body: unknown): Setting[] {
  if (!Array.isArray(body)) throw new WireError("settings should be a list");
  return body.map((value, index) => {
    const path = `settings[${index}]`;
    const row = record(value, path);
    return {
      key: text(row, "key", path),
      value: valueOf(row.value, `${path}.value`),
      default: valueOf(row.default, `${path}.default`),
      min: numberOr(row, "min", null),
      max: numberOr(row, "max", null),
      unit: textOr(row, "unit", ""),
      effect: textOr(row, "effect", ""),
    };
  });
}

function valueOf(value: unknown, path: string): SettingValue {
  return typeof value === "number" ? value : asTexts(value, path);
}
