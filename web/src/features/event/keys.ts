import { text } from "@text/event";
import type { KeyHelp } from "@/lib/keys";

/** The Event page's keys as the key list shows them. */
export const EVENT_KEYS: readonly KeyHelp[] = [
  { caps: ["/"], does: text.keys.search },
  { caps: ["e"], does: text.keys.refresh },
  { caps: ["j", "k", "↓", "↑"], does: text.keys.market },
  { caps: ["←", "→"], does: text.keys.crosshair },
  { caps: ["Esc"], does: text.keys.escape },
];
