import { text } from "@text/margins";
import { text as ui } from "@text/ui";
import type { KeyHelp } from "@/lib/keys";

export const MARGINS_KEYS: readonly KeyHelp[] = [
  { caps: ["/"], does: ui.keys.search },
  { caps: ["j", "k"], does: ui.keys.move },
  { caps: ["[", "]"], does: ui.keys.density },
];
export const COMPETITION_KEYS: readonly KeyHelp[] = [{ caps: ["v"], does: text.keys.show }];
