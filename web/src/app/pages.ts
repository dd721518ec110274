import { text } from "@text/shell";
import type { Page } from "@/lib/pages";

/** The pages in the order of the navigation. */
export const PAGES: readonly Page[] = [
  { path: "/", name: text.page.board, key: "b" },
  { path: "/movements", name: text.page.movements, key: "m" },
  { path: "/exposure", name: text.page.exposure, key: "x" },
  { path: "/coverage", name: text.page.coverage, key: "c" },
  { path: "/margins", name: text.page.margins, key: "n" },
  { path: "/runs", name: text.page.runs, key: "r" },
  { path: "/alerts", name: text.page.alerts, key: "a" },
  { path: "/storage", name: text.page.storage, key: "s" },
  { path: "/settings", name: text.page.settings, key: "," },
];
