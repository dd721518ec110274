import { useState, type ReactNode } from "react";
import { text } from "@text/ui";
import { setPreferences, usePreferences } from "@/lib/preferences";
import { BROWSER_ZONE, OFFERED_ZONES, offsetName } from "@/lib/timezone";
import "./PageFooter.css";

/** What the signs of a page mean, whose time it shows, and which build it is. */
export function PageFooter({ children, version }: { children: ReactNode; version: string }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const [now] = useState(() => Date.now());
  const zones = [...new Set([BROWSER_ZONE, ...OFFERED_ZONES, zone])];
  return (
    <footer className="page-footer">
      {children}
      <span className="spring" />
      <label>
        {text.times}{" "}
        <select
          value={zone}
          onChange={({ target: { value } }) => setPreferences({ zone: value === BROWSER_ZONE ? "" : value })}
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
