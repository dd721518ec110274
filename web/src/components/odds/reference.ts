import { text } from "@text/board";
import type { Layout } from "@/lib/store/layout";

/** What the reference price is called in the legend and in the tips. */
export function referenceWords(reference: string, layout: Layout): string {
  if (reference === "median" || reference === "best") return text.referenceRival(reference);
  return layout.bookmakers.find(({ code }) => code === reference)?.name ?? reference;
}
