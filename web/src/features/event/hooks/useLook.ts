import { useMemo, useSyncExternalStore } from "react";
import { shownTheme, usePreferences } from "@/lib/preferences";

const TOKENS = ["--text", "--muted", "--line", "--bg"] as const;

/** Return the theme's colours as a canvas takes them, anew when the theme changes. */
export function useColours(): Readonly<Record<(typeof TOKENS)[number] | `--series-${number}`, string>> {
  usePreferences();
  const theme = useSyncExternalStore(subscribe, shownTheme);
  return useMemo(() => {
    const probe = document.createElement("i");
    document.body.append(probe);
    const read = (token: string) => {
      probe.style.color = `var(${token})`;
      return getComputedStyle(probe).color;
    };
    const series = Array.from({ length: 7 }, (_, index) => `--series-${index + 1}`);
    const colours = Object.fromEntries([...TOKENS, ...series].map((token) => [token, read(token)]));
    probe.remove();
    return { ...colours, "--theme": theme } as unknown as Record<
      (typeof TOKENS)[number] | `--series-${number}`,
      string
    >;
  }, [theme]);
}

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", listener);
  return () => {
    query.removeEventListener("change", listener);
  };
}
