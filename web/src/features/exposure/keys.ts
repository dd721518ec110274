import { text } from "@text/exposure";
import { text as ui } from "@text/ui";
import type { KeyHelp } from "@/lib/keys";

export const EXPOSURE_KEYS: readonly KeyHelp[] = [
  { caps: ["/"], does: ui.keys.search },
  { caps: ["j", "k"], does: ui.keys.move },
  { caps: ["Enter"], does: ui.keys.open },
  { caps: ["v"], does: text.keys.state },
  { caps: ["[", "]"], does: ui.keys.density },
];
