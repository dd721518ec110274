import { text } from "@text/coverage";
import { text as ui } from "@text/ui";
import type { KeyHelp } from "@/lib/keys";

export const COVERAGE_KEYS: readonly KeyHelp[] = [
  { caps: ["/"], does: ui.keys.search },
  { caps: ["v"], does: text.keys.tab },
  { caps: ["j", "k"], does: ui.keys.move },
  { caps: ["x"], does: text.keys.expand },
  { caps: ["c"], does: text.keys.copy },
  { caps: ["[", "]"], does: ui.keys.density },
];
