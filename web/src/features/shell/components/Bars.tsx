import { text } from "@text/shell";
import { usePreferences } from "@/lib/preferences";
import { useLink, useWorld } from "@/lib/store/useStatus";
import { BROWSER_ZONE, clockTimeWithSeconds } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import { FREEZE_AFTER_MS } from "../freeze";

/** Says that these are not the bookmakers' real prices; nothing in a live world. */
export function WorldBanner() {
  const world = useWorld();
  if (world === null || world === "live") return null;
  const [title, words] = text.world[world];
  return (
    <div className="bar world" role="note">
      <strong>{title}</strong> · {words}
    </div>
  );
}

/** Says since when the data are frozen, three seconds after the link was lost. */
export function FreezeBar() {
  const now = useNow();
  const link = useLink();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const frozen = link.lostAt !== null && now - link.lostAt >= FREEZE_AFTER_MS;
  return (
    <div role="status">
      {frozen && link.lostAt !== null && (
        <div className="bar freeze">
          <strong>{text.noLink(clockTimeWithSeconds(link.lostAt, zone))}</strong> · {text.frozen(link.reason)}
        </div>
      )}
      {link.state === "polling" && <div className="bar polling">{text.link.pollingBar(link.reason)}</div>}
    </div>
  );
}

/** Asks for a reload when the server is another build than this page. */
export function OutdatedBar() {
  const { outdated } = useLink();
  if (!outdated) return null;
  return (
    <div className="bar outdated" role="status">
      <strong>{text.newVersion}</strong>
      <button
        type="button"
        className="button"
        onClick={() => {
          window.location.reload();
        }}
      >
        {text.reload}
      </button>
    </div>
  );
}
