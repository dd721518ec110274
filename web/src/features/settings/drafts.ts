import { text } from "@text/settings";
import type { Setting, SettingValue } from "./api/settings";

/** What somebody typed in place of a setting, and what the setting was when they began. */
export interface Draft {
  typed: string;
  /** The server's value then, to tell when it changes meanwhile. */
  base: string;
}

export type Drafts = Readonly<Record<string, Draft>>;

/** A value as its field shows it: lists as comma lists. */
export function typedOf(value: SettingValue): string {
  return typeof value === "number" ? String(value) : value.join(",");
}

/** Return the drafts with one more key; a draft that says what the server says is none. */
export function withDraft(drafts: Drafts, setting: Setting, typed: string): Drafts {
  const { [setting.key]: before, ...others } = drafts;
  const now = typedOf(setting.value);
  return typed === now ? others : { ...others, [setting.key]: { typed, base: before?.base ?? now } };
}

/** Return what is wrong with what was typed, "" when the server should take it. */
export function problemOf(setting: Setting, typed: string): string {
  if (typeof setting.default !== "number") return typed === "" ? text.problems.none : "";
  if (!/^-?\d+$/.test(typed.trim())) return text.problems.whole;
  const value = Number(typed);
  const { min, max, unit } = setting;
  if (min !== null && value < min) return text.problems.below(min, unit);
  if (max !== null && value > max) return text.problems.above(max, unit);
  return "";
}

/** Return the changes that the drafts ask for; null while one of them can't be meant. */
export function changesOf(settings: readonly Setting[], drafts: Drafts): Record<string, SettingValue> | null {
  const changes: Record<string, SettingValue> = {};
  for (const setting of settings) {
    const draft = drafts[setting.key];
    if (draft === undefined) continue;
    if (problemOf(setting, draft.typed) !== "") return null;
    changes[setting.key] =
      typeof setting.default === "number" ? Number(draft.typed) : draft.typed.split(",").filter(Boolean);
  }
  return changes;
}

export type GroupName = keyof typeof text.groups;

const GROUPS: readonly (readonly [name: GroupName, member: RegExp])[] = [
  [
    "schedule",
    /^(scrape_interval_minutes|run_stale_minutes|discovery_horizon_hours|withdraw_after_misses|max_concurrent_events)$/,
  ],
  ["freshness", /^(stale_after_s|eviction_grace_minutes)$/],
  ["findings", /^(exposure|steam|move|gap)_/],
  ["alerts", /^alert/],
  ["retention", /^(\w+_retention_days|cleanup_frequency_hours|storage_alert_mib|record_changed_days)$/],
  ["writing", /^(batch_size|confirm_write_interval_s|spool_max_mib)$/],
  ["other", /./],
];

/** Return the settings by what they are about; one that a newer server invents is among the others. */
export function grouped(settings: readonly Setting[]): { name: GroupName; settings: Setting[] }[] {
  const groups = GROUPS.map(([name]) => ({ name, settings: [] as Setting[] }));
  for (const setting of settings)
    groups[GROUPS.findIndex(([, member]) => member.test(setting.key))]!.settings.push(setting);
  return groups.filter((group) => group.settings.length > 0);
}

/** A setting's name: the written one, or its key in words. */
export function nameOf(key: string): string {
  return text.names[key] ?? key.replaceAll("_", " ");
}
