import { text } from "@text/board";
import type { KeyHelp } from "@/lib/keys";

const does = text.keys;

/** The Board's keys as the key list shows them. */
export const BOARD_KEYS: readonly KeyHelp[] = [
  { caps: ["/"], does: does.search },
  { caps: ["j", "k", "↓", "↑"], does: does.rows },
  { caps: ["PgDn", "PgUp"], does: does.screen },
  { caps: ["Home", "End"], does: does.ends },
  { caps: ["←", "→"], does: does.cells },
  { caps: ["Shift", "↓", "↑"], does: does.select },
  { caps: ["Enter"], does: does.panel },
  { caps: ["J", "K"], does: does.step },
  { caps: ["h"], does: does.history },
  { caps: ["o"], does: does.page },
  { caps: ["x", "X"], does: does.expand },
  { caps: ["1", "…", "8"], does: does.market },
  { caps: ["v"], does: does.view },
  { caps: ["w", "W"], does: does.watch },
  { caps: ["a"], does: does.attention },
  { caps: ["r"], does: does.order },
  { caps: ["e"], does: does.refresh },
  { caps: ["c", "C"], does: does.copy },
  { caps: ["Shift", "F"], does: does.clear },
  { caps: ["[", "]"], does: does.density },
  { caps: ["Alt", "←", "→"], does: does.column },
  { caps: ["Esc"], does: does.escape },
];
