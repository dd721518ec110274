import { text } from "@text/movements";
import { text as ui } from "@text/ui";
import type { KeyHelp } from "@/lib/keys";

export const MOVEMENTS_KEYS: readonly KeyHelp[] = [
  { caps: ["/"], does: ui.keys.search },
  { caps: ["j", "k"], does: ui.keys.move },
  { caps: ["Enter"], does: ui.keys.open },
  { caps: ["p"], does: text.keys.pause },
  { caps: ["r"], does: text.keys.new },
  { caps: ["[", "]"], does: ui.keys.density },
];
