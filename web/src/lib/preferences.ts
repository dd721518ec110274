import { useSyncExternalStore } from "react";

import { ODDS_FORMATS, type OddsFormat } from "./format";
import { setBands } from "./odds";
import { isZone } from "./timezone";

export type Theme = "system" | "dark" | "light";
export type Density = "compact" | "normal" | "roomy";

/** What a trader sets once and finds again; kept in this browser. */
export interface Preferences {
  theme: Theme;
  density: Density;
  /** IANA name, "" for the browser's own zone. */
  zone: string;
  /** How prices are written. */
  format: OddsFormat;
  /** What gaps are against where the address says nothing: "median", "best" or a bookmaker's code. */
  reference: string;
  /** Gaps below this are muted, in percent. */
  deadBand: number;
  /** Gaps above this get the stronger tint, in percent. */
  wideGap: number;
  /** Whether single keys do something. */
  keys: boolean;
}

const STORAGE_KEY = "overround.preferences";
const DEFAULTS: Preferences = {
  theme: "system",
  density: "normal",
  zone: "",
  format: "decimal",
  reference: "median",
  deadBand: 2,
  wideGap: 5,
  keys: true,
};
export const THEMES: readonly Theme[] = ["system", "dark", "light"];
export const DENSITIES: readonly Density[] = ["compact", "normal", "roomy"];
export const BAND_LIMITS = { deadBand: [0, 20], wideGap: [0, 50] } as const;

const CHECKS: { readonly [K in keyof Preferences]: (value: unknown) => boolean } = {
  theme: (value) => THEMES.includes(value as Theme),
  density: (value) => DENSITIES.includes(value as Density),
  zone: (value) => value === "" || (typeof value === "string" && isZone(value)),
  format: (value) => ODDS_FORMATS.includes(value as OddsFormat),
  reference: (value) => typeof value === "string" && /^[a-z0-9]+$/.test(value),
  deadBand: (value) => within(value, BAND_LIMITS.deadBand),
  wideGap: (value) => within(value, BAND_LIMITS.wideGap),
  keys: (value) => typeof value === "boolean",
};

function within(value: unknown, [low, high]: readonly [number, number]): boolean {
  return typeof value === "number" && value >= low && value <= high;
}

/** Whether every part of this is a preference with a value that it may have. */
export function isPreferences(value: object): value is Partial<Preferences> {
  return Object.entries(value).every(
    ([name, each]) => name in CHECKS && CHECKS[name as keyof Preferences](each),
  );
}

let current = read();
applyBands();
const listeners = new Set<() => void>();

// Another tab of the same browser keeps in step.
if (typeof window !== "undefined")
  window.addEventListener("storage", (event) => {
    if (event.key === STORAGE_KEY) renew(read());
  });

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Record<string, unknown>;
    const good = Object.entries(stored).filter(([name, value]) => isPreferences({ [name]: value }));
    return { ...DEFAULTS, ...Object.fromEntries(good) };
  } catch {
    return DEFAULTS; // storage refused or edited: preferences are no reason to fail
  }
}

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  const next = { ...current, ...change };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  } catch {
    // Kept for this visit only.
  }
  renew(next);
}

/** Take back everything that was chosen. */
export function resetPreferences(): void {
  setPreferences(DEFAULTS);
}

function renew(next: Preferences): void {
  current = next;
  applyTheme();
  applyBands();
  for (const listener of listeners) listener();
}

/** Put the chosen theme on the document; the system's applies without one. */
export function applyTheme(): void {
  if (current.theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = current.theme;
}

function applyBands(): void {
  setBands(current.deadBand / 100, Math.max(current.deadBand, current.wideGap) / 100);
}

/** Return the theme that is seen now. */
export function shownTheme(): "dark" | "light" {
  if (current.theme !== "system") return current.theme;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function toggleTheme(): void {
  setPreferences({ theme: shownTheme() === "dark" ? "light" : "dark" });
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
