import { usePreferences } from "@/lib/preferences";
import { useLink, useWorld } from "@/lib/store/useStatus";
import { BROWSER_ZONE, clockTimeWithSeconds } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import { FREEZE_AFTER_MS } from "../freeze";

/** Says that these are not the bookmakers' real prices; nothing in a live world. */
export function WorldBanner() {
  const world = useWorld();
  if (world === null || world === "live") return null;
  return (
    <div className="bar world" role="note">
      {world === "simulated" ? (
        <>
          <strong>Simulated odds</strong> · prices come from the simulator, not from bookmakers
        </>
      ) : (
        <>
          <strong>Recorded odds</strong> · captured answers are replayed, kick-offs are moved
        </>
      )}
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
          <strong>No link since {clockTimeWithSeconds(link.lostAt, zone)}</strong> · data below are frozen ·{" "}
          {link.reason} · trying again by itself
        </div>
      )}
    </div>
  );
}

/** Asks for a reload when the server is another build than this page. */
export function OutdatedBar() {
  const { outdated } = useLink();
  if (!outdated) return null;
  return (
    <div className="bar outdated" role="status">
      <strong>New version</strong>
      <button
        type="button"
        className="button"
        onClick={() => {
          window.location.reload();
        }}
      >
        Reload
      </button>
    </div>
  );
}
