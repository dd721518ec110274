import { useState } from "react";
import { text } from "@text/settings";
import { Panel } from "@/components/ui/Panel";
import { ODDS_FORMATS } from "@/lib/format";
import {
  BAND_LIMITS,
  DENSITIES,
  resetPreferences,
  setPreferences,
  THEMES,
  usePreferences,
} from "@/lib/preferences";
import { useLayout } from "@/lib/store/useOdds";
import { BROWSER_ZONE, OFFERED_ZONES } from "@/lib/timezone";

/** What this browser keeps for whoever looks at it. */
export function Screen() {
  const preferences = usePreferences();
  const { bookmakers, own } = useLayout();
  const { screen } = text;
  const rivals = bookmakers.filter((_, index) => index !== own);
  const zones = [...new Set([...OFFERED_ZONES, ...(preferences.zone === "" ? [] : [preferences.zone])])];
  return (
    <Panel
      title={screen.title}
      tools={
        <>
          <span className="muted">{screen.note}</span>
          <span className="spring" />
          <button type="button" className="button" onClick={resetPreferences}>
            {screen.reset}
          </button>
        </>
      }
    >
      <div className="screen-fields">
        <Choice
          name={screen.theme}
          value={preferences.theme}
          options={THEMES.map((value) => [value, screen.themes[value]])}
          onChange={(theme) => setPreferences({ theme })}
        />
        <Choice
          name={screen.density}
          value={preferences.density}
          options={DENSITIES.map((value) => [value, screen.densities[value]])}
          onChange={(density) => setPreferences({ density })}
        />
        <Choice
          name={screen.zone}
          value={preferences.zone}
          options={[["", screen.browserZone(BROWSER_ZONE)], ...zones.map((zone) => [zone, zone] as const)]}
          onChange={(zone) => setPreferences({ zone })}
        />
        <Choice
          name={screen.format}
          value={preferences.format}
          options={ODDS_FORMATS.map((value) => [value, screen.formats[value]])}
          onChange={(format) => setPreferences({ format })}
        />
        <Choice
          name={screen.reference}
          value={preferences.reference}
          options={[
            ["median", screen.references.median],
            ["best", screen.references.best],
            ...rivals.map(({ code, name }) => [code, name] as const),
          ]}
          onChange={(reference) => setPreferences({ reference })}
        />
        <Band field="deadBand" name={screen.deadBand} hint={screen.deadBandHint} />
        <Band field="wideGap" name={screen.wideGap} hint={screen.wideGapHint} />
        <Choice
          name={screen.keys}
          hint={screen.keysHint}
          value={preferences.keys ? "on" : "off"}
          options={[
            ["on", screen.on],
            ["off", screen.off],
          ]}
          onChange={(keys) => setPreferences({ keys: keys === "on" })}
        />
      </div>
    </Panel>
  );
}

function Choice<T extends string>(props: {
  name: string;
  hint?: string;
  value: T;
  options: readonly (readonly [value: T, label: string])[];
  onChange: (value: T) => void;
}) {
  const { name, hint, value, options, onChange } = props;
  return (
    <label className="screen-field">
      <span>{name}</span>
      <select value={value} onChange={({ target }) => onChange(target.value as T)}>
        {options.map(([each, label]) => (
          <option key={each} value={each}>
            {label}
          </option>
        ))}
      </select>
      {hint !== undefined && <span className="muted">{hint}</span>}
    </label>
  );
}

/** A gap in percent; what can't be meant stays typed, explained, and without effect. */
function Band({ field, name, hint }: { field: "deadBand" | "wideGap"; name: string; hint: string }) {
  const value = usePreferences()[field];
  const [typed, setTyped] = useState<string | null>(null);
  const [low, high] = BAND_LIMITS[field];
  const shown = typed ?? String(value);
  const given = Number(shown);
  const wrong = shown.trim() === "" || !(given >= low && given <= high);
  return (
    <label className="screen-field">
      <span>{name}</span>
      <span>
        <input
          type="text"
          inputMode="decimal"
          autoComplete="off"
          value={shown}
          aria-invalid={wrong}
          onChange={({ target }) => {
            setTyped(target.value);
            const next = Number(target.value);
            if (target.value.trim() !== "" && next >= low && next <= high) setPreferences({ [field]: next });
          }}
          onBlur={() => {
            if (!wrong) setTyped(null);
          }}
        />{" "}
        {text.screen.percent}
      </span>
      {wrong ? (
        <span className="fault" role="alert">
          {text.screen.bandProblem(low, high)}
        </span>
      ) : (
        <span className="muted">{hint}</span>
      )}
    </label>
  );
}
