import { useState } from "react";
import { useVersion } from "@/lib/store/useStatus";
import { countOf } from "@/lib/text";
import { useEventCount } from "@/lib/store/useOdds";
import { BROWSER_ZONE, OFFERED_ZONES, offsetName } from "@/lib/timezone";
import type { UpdateAddress } from "../hooks/useBoardAddress";
import "./BoardFooter.css";

/** What the signs mean, the most used keys, and whose time is shown. */
export function BoardFooter({
  zone,
  reference,
  update,
}: {
  zone: string;
  reference: string;
  update: UpdateAddress;
}) {
  const version = useVersion();
  const total = useEventCount();
  const [now] = useState(() => Date.now());
  const zones = [...new Set([BROWSER_ZONE, ...OFFERED_ZONES, zone])];
  return (
    <footer className="board-footer">
      <span className="legend">
        <i className="key-above" /> above {reference}
      </span>
      <span className="legend">
        <i className="key-below" /> below {reference}
      </span>
      <span className="legend">
        <s>1.90</s> suspended
      </span>
      <span className="legend">
        <i className="square stale" /> stale
      </span>
      <span className="legend">– not offered</span>
      <span className="spring" />
      <span className="hint">
        <kbd>j</kbd> <kbd>k</kbd> move
      </span>
      <span className="hint">
        <kbd>x</kbd> expand
      </span>
      <span className="hint">
        <kbd>/</kbd> search
      </span>
      <span className="hint">
        <kbd>?</kbd> keys
      </span>
      <span>{countOf(total, "event")}</span>
      <label>
        Times:{" "}
        <select
          value={zone}
          onChange={(event) => {
            update({ zone: event.target.value });
          }}
        >
          {zones.map((each) => (
            <option key={each} value={each}>
              {each === offsetName(now, each) ? each : `${each} (${offsetName(now, each)})`}
            </option>
          ))}
        </select>
      </label>
      {version !== "" && <span>v{version.replace(/^v/, "")}</span>}
    </footer>
  );
}
