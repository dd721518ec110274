import { useEffect } from "react";
import { isTyping } from "@/lib/keys";
import { preferences } from "@/lib/preferences";
import type { Page } from "@/lib/pages";

const WAIT_MS = 1200;

/** `g` and then a page's key goes to that page; any other key after `g` does nothing. */
export function useGoKeys(pages: readonly Page[], go: (path: string) => void): void {
  useEffect(() => {
    let until = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (!preferences().keys) return;
      const waiting = performance.now() < until;
      if (!waiting && event.key !== "g") return;
      // The page's own keys must not see what belongs to the chord.
      event.preventDefault();
      until = waiting ? 0 : performance.now() + WAIT_MS;
      const page = waiting ? pages.find(({ key }) => key === event.key) : undefined;
      if (page !== undefined) go(page.path);
    };
    window.addEventListener("keydown", press, true);
    return () => {
      window.removeEventListener("keydown", press, true);
    };
  }, [pages, go]);
}
