import { text } from "@text/alerts";
import { text as ui } from "@text/ui";
import type { KeyHelp } from "@/lib/keys";

export const ALERTS_KEYS: readonly KeyHelp[] = [
  { caps: ["v"], does: text.keys.tab },
  { caps: ["j", "k"], does: ui.keys.move },
  { caps: ["Enter"], does: ui.keys.open },
  { caps: ["a"], does: text.keys.acknowledge },
  { caps: ["z"], does: text.keys.snooze },
  { caps: ["[", "]"], does: ui.keys.density },
];
