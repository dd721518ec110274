import { useSyncExternalStore } from "react";

import { ODDS_FORMATS, type OddsFormat } from "./format";

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
}

const STORAGE_KEY = "overround.preferences";
const DEFAULTS: Preferences = { theme: "system", density: "normal", zone: "", format: "decimal" };
export const DENSITIES: readonly Density[] = ["compact", "normal", "roomy"];

let current = read();
const listeners = new Set<() => void>();

// Another tab of the same browser keeps in step.
if (typeof window !== "undefined")
  window.addEventListener("storage", (event) => {
    if (event.key === STORAGE_KEY) renew(read());
  });

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<Preferences>;
    const format = ODDS_FORMATS.find((each) => each === stored.format) ?? DEFAULTS.format;
    return { ...DEFAULTS, ...stored, format };
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

function renew(next: Preferences): void {
  current = next;
  applyTheme();
  for (const listener of listeners) listener();
}

/** Put the chosen theme on the document; the system's applies without one. */
export function applyTheme(): void {
  if (current.theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = current.theme;
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
