import { isPreferences, type Preferences } from "@/lib/preferences";
import type { Setting, SettingValue } from "./api/settings";
import { typedOf, withDraft, type Drafts } from "./drafts";

/** Settings and this screen's preferences as a file. */
export function exportText(settings: readonly Setting[], preferences: Preferences): string {
  const values = Object.fromEntries(settings.map(({ key, value }) => [key, value]));
  return `${JSON.stringify({ overround: 1, settings: values, preferences }, null, 2)}\n`;
}

export interface Imported {
  drafts: Drafts;
  preferences: Partial<Preferences>;
  /** Keys that mean nothing here. */
  ignored: string[];
}

/**
 * Read an exported file: settings that differ become drafts, so that they are looked at before they are saved. Null when it is no such file.
 *
 */
export function readImport(file: string, settings: readonly Setting[]): Imported | null {
  const body = parse(file);
  if (body === null) return null;
  let drafts: Drafts = {};
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(body.settings as Record<string, unknown>)) {
    const setting = settings.find((each) => each.key === key);
    const given = settingValue(value);
    if (setting === undefined || given === null || typeof given !== typeof setting.default) ignored.push(key);
    else drafts = withDraft(drafts, setting, typedOf(given));
  }
  const preferences = Object.entries(body.preferences as Record<string, unknown>).filter(([key, value]) => {
    const known = isPreferences({ [key]: value });
    if (!known) ignored.push(key);
    return known;
  });
  return { drafts, preferences: Object.fromEntries(preferences), ignored };
}

function parse(file: string): { settings: object; preferences: object } | null {
  try {
    const body: unknown = JSON.parse(file);
    if (typeof body !== "object" || body === null || !("overround" in body)) return null;
    const { settings = {}, preferences = {} } = body as { settings?: unknown; preferences?: unknown };
    const isMap = (value: unknown): value is object => typeof value === "object" && value !== null;
    return isMap(settings) && isMap(preferences) ? { settings, preferences } : null;
  } catch {
    return null;
  }
}

function settingValue(value: unknown): SettingValue | null {
  if (typeof value === "number") return value;
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : null;
}
