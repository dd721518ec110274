import { useSyncExternalStore } from "react";

export type Theme = "system" | "dark" | "light";
export type Density = "compact" | "normal" | "roomy";

/** What a trader sets once and finds again; kept in this browser. */
export interface Preferences {
  theme: Theme;
  density: Density;
  /** IANA name, "" for the browser's own zone. */
  zone: string;
}

const STORAGE_KEY = "overround.preferences";
const DEFAULTS: Preferences = { theme: "system", density: "normal", zone: "" };
export const DENSITIES: readonly Density[] = ["compact", "normal", "roomy"];

let current = read();
const listeners = new Set<() => void>();

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<Preferences>;
    return { ...DEFAULTS, ...stored };
  } catch {
    return DEFAULTS; // storage refused or edited: preferences are no reason to fail
  }
}

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  } catch {
    // Kept for this visit only.
  }
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
