import type { KeyHelp } from "@/lib/keys";

/** The Board's keys as the key list shows them. */
export const BOARD_KEYS: readonly KeyHelp[] = [
  { caps: ["/"], does: "Search" },
  { caps: ["j", "k", "↓", "↑"], does: "Next, previous row" },
  { caps: ["PgDn", "PgUp"], does: "A screen down, up" },
  { caps: ["Home", "End"], does: "First, last row" },
  { caps: ["←", "→"], does: "Move along the row" },
  { caps: ["x", "X"], does: "Show rivals of the row, of all rows" },
  { caps: ["1", "…", "8"], does: "Show or hide a market" },
  { caps: ["a"], does: "Only rows that need attention" },
  { caps: ["r"], does: "Apply the pending order" },
  { caps: ["Shift", "F"], does: "Clear all filters" },
  { caps: ["[", "]"], does: "Denser, roomier rows" },
  { caps: ["Esc"], does: "Leave the search, close what is open" },
];
