import { useState } from "react";
import { text } from "@text/board";
import { ODDS_FORMATS, type OddsFormat } from "@/lib/format";
import { useVersion } from "@/lib/store/useStatus";
import { useEventCount } from "@/lib/store/useOdds";
import { BROWSER_ZONE, OFFERED_ZONES, offsetName } from "@/lib/timezone";
import type { PartProps } from "./FilterBar";
import "./BoardFooter.css";

/** What the signs mean, the most used keys, how prices are written and whose time is shown. */
export function BoardFooter({ address, update, reference }: PartProps & { reference: string }) {
  const version = useVersion();
  const total = useEventCount();
  const [now] = useState(() => Date.now());
  const zones = [...new Set([BROWSER_ZONE, ...OFFERED_ZONES, address.zone])];
  const { legend, hints } = text;
  return (
    <footer className="board-footer">
      <span className="legend">
        <i className="key-above" /> {legend.above(reference)}
      </span>
      <span className="legend">
        <i className="key-below" /> {legend.below(reference)}
      </span>
      <span className="legend">
        <s>1.90</s> {legend.suspended}
      </span>
      <span className="legend">
        <i className="square stale" /> {legend.stale}
      </span>
      <span className="legend">{legend.notOffered}</span>
      <span className="spring" />
      <span className="hint">
        <kbd>j</kbd> <kbd>k</kbd> {hints.move}
      </span>
      <span className="hint">
        <kbd>x</kbd> {hints.expand}
      </span>
      <span className="hint">
        <kbd>/</kbd> {hints.search}
      </span>
      <span className="hint">
        <kbd>?</kbd> {hints.keys}
      </span>
      <span>{text.events(total)}</span>
      <label>
        {text.oddsFormat}{" "}
        <select
          value={address.format}
          onChange={(event) => {
            update({ format: event.target.value as OddsFormat });
          }}
        >
          {ODDS_FORMATS.map((each) => (
            <option key={each} value={each}>
              {text.formats[each]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {text.times}{" "}
        <select
          value={address.zone}
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
