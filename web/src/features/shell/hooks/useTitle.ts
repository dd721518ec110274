import { useEffect } from "react";
import { text } from "@text/shell";
import { useUnseen } from "@/lib/unseen";
import { useNow } from "@/lib/useNow";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useLink } from "@/lib/store/useStatus";
import { FREEZE_AFTER_MS } from "../freeze";

/** Carry the state in the title, for tabs in the background: unseen alerts, then frozen before stale before plain. */
export function useTitle(page: string): void {
  const now = useNow();
  const link = useLink();
  const layout = useLayout();
  const store = useOddsStore();
  const stale = layout.bookmakers.some((_, bookmaker) => {
    const at = store.latestConfirmation(bookmaker);
    return at !== null && store.now() - at > store.staleAfterMs;
  });
  const frozen = link.lostAt !== null && now - link.lostAt >= FREEZE_AFTER_MS;
  const mark = frozen ? text.frozenTitle : stale ? text.staleTitle : page;
  const unseen = Object.values(useUnseen()).reduce((sum, count) => sum + count, 0);
  const count = unseen > 0 ? `(${unseen}) ` : "";
  useEffect(() => {
    document.title = `${count}${mark} – ${text.product}`;
  }, [count, mark]);
}
