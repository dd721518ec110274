import { useState } from "react";
import { text } from "@text/alerts";
import { Check } from "@/components/ui/Check";
import { Choices } from "@/components/ui/Choices";
import { Dialog } from "@/components/ui/Dialog";
import { optionsOf } from "@/components/ui/PageBar";
import { usePreferences } from "@/lib/preferences";
import { useRest } from "@/lib/rest";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { BROWSER_ZONE, fullTime } from "@/lib/timezone";
import {
  DIRECTIONS,
  readThreshold,
  SHOWS,
  shownThreshold,
  type Condition,
  type RuleSpec,
  type Show,
} from "../alert";
import { deleteRule, fetchChannels, previewRule, saveRule, type Preview } from "../api/alerts";

interface Props {
  /** Null for a new rule. */
  id: string | null;
  spec: RuleSpec;
  conditions: readonly Condition[];
  onClose: () => void;
  onSaved: () => void;
}

type Change = (change: Partial<RuleSpec>) => void;

/** One rule as a form; what it would have done is asked for before it is kept. */
export function RuleEditor({ id, spec: start, conditions, onClose, onSaved }: Props) {
  const [spec, setSpec] = useState(start);
  const [error, setError] = useState("");
  const [preview, setPreview] = useState<Preview | null>(null);
  const change: Change = (part) => {
    setPreview(null);
    setSpec({ ...spec, ...part });
  };
  const run = <T,>(doing: Promise<T>, then: (result: T) => void) => {
    setError("");
    doing.then(then, (reason: unknown) =>
      setError(reason instanceof Error ? reason.message : String(reason)),
    );
  };
  const known = conditions.find(({ condition }) => condition === spec.condition);
  const { editor } = text;
  return (
    <Dialog title={id === null ? editor.make : editor.change} onClose={onClose}>
      <form
        className="rule-editor"
        onSubmit={(event) => {
          event.preventDefault();
          run(saveRule(id, spec), onSaved);
        }}
      >
        <What spec={spec} change={change} conditions={conditions} known={known} />
        <Where spec={spec} change={change} parts={known?.scope ?? []} />
        <How spec={spec} change={change} />
        {error !== "" && (
          <p className="fault" role="alert">
            {error}
          </p>
        )}
        {preview !== null && <PreviewText preview={preview} />}
        <div className="acts">
          <button type="submit" className="button primary">
            {editor.save}
          </button>
          <button type="button" className="button" onClick={() => run(previewRule(spec), setPreview)}>
            {editor.preview}
          </button>
          {id !== null && (
            <button type="button" className="button" onClick={() => run(deleteRule(id), onSaved)}>
              {editor.remove}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

interface PartProps {
  spec: RuleSpec;
  change: Change;
}

function What({
  spec,
  change,
  conditions,
  known,
}: PartProps & { conditions: readonly Condition[]; known: Condition | undefined }) {
  const { editor } = text;
  const words: Readonly<Record<string, string>> = text.conditions;
  const [condition] = [spec.condition];
  return (
    <>
      <label>
        {editor.name}
        <input
          type="text"
          required
          maxLength={80}
          value={spec.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      </label>
      <label>
        {editor.condition}
        <select
          value={condition}
          onChange={(event) => change({ condition: event.target.value, threshold: null, upper: null })}
        >
          {conditions.map((each) => (
            <option key={each.condition} value={each.condition}>
              {words[each.condition] ?? each.condition}
            </option>
          ))}
        </select>
      </label>
      {known !== undefined && (
        <>
          <p className="muted">{known.about}</p>
          <Threshold
            key={`${condition}-least`}
            label={editor.threshold}
            value={spec.threshold}
            standard={known.default}
            unit={known.unit}
            onChange={(threshold) => change({ threshold })}
          />
          {known.upper !== null && (
            <Threshold
              key={`${condition}-most`}
              label={editor.upper}
              value={spec.upper}
              standard={known.upper}
              unit={known.unit}
              onChange={(upper) => change({ upper })}
            />
          )}
        </>
      )}
      {(condition === "gap" || condition === "move" || condition === "steam") && (
        <label>
          {editor.direction}
          <select
            value={spec.direction}
            onChange={(event) => change({ direction: event.target.value as RuleSpec["direction"] })}
          >
            {optionsOf(DIRECTIONS, editor.directions).map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

interface ThresholdProps {
  label: string;
  value: number | null;
  standard: number;
  unit: string;
  onChange: (value: number | null) => void;
}

function Threshold({ label, value, standard, unit, onChange }: ThresholdProps) {
  const [written, setWritten] = useState(value === null ? "" : shownThreshold(value, unit));
  const units: Readonly<Record<string, string>> = text.units;
  return (
    <label>
      {label}, {units[unit] ?? unit}
      <input
        type="text"
        inputMode="decimal"
        pattern="-?[0-9]*[.,]?[0-9]*"
        placeholder={text.editor.byDefault(shownThreshold(standard, unit))}
        value={written}
        onChange={(event) => {
          setWritten(event.target.value);
          onChange(readThreshold(event.target.value, unit));
        }}
      />
    </label>
  );
}

function Where({ spec: { scope }, change, parts }: PartProps & { parts: readonly string[] }) {
  const { editor } = text;
  const store = useOddsStore();
  const { bookmakers } = useLayout();
  const [markets, setMarkets] = useState(scope.markets.join(", "));
  const set = (part: Partial<RuleSpec["scope"]>) => change({ scope: { ...scope, ...part } });
  const leagues = () =>
    [...store.events()].map(({ competition }) => ({
      value: competition.id,
      name: competition.name,
      hint: competition.country,
    }));
  const minutes = (written: string) => (written === "" ? null : Number(written));
  return (
    <>
      <div className="row">
        {parts.includes("competitions") && (
          <Choices
            label={editor.leagues}
            chosen={scope.competitions}
            found={leagues}
            onChange={(competitions) => set({ competitions })}
          />
        )}
        {parts.includes("bookmakers") && (
          <Choices
            label={editor.books}
            chosen={scope.bookmakers}
            found={() => bookmakers.map(({ code, name }) => ({ value: code, name, hint: "" }))}
            onChange={(codes) => set({ bookmakers: codes })}
          />
        )}
      </div>
      {parts.includes("markets") && (
        <label>
          {editor.markets}
          <input
            type="text"
            placeholder={editor.marketsHint}
            value={markets}
            onChange={(event) => {
              setMarkets(event.target.value);
              set({
                markets: event.target.value
                  .split(",")
                  .map((each) => each.trim())
                  .filter(Boolean),
              });
            }}
          />
        </label>
      )}
      {parts.includes("kickoff") && (
        <>
          <label>
            {editor.within}
            <input
              type="number"
              min={0}
              value={scope.kickoff_within_min ?? ""}
              onChange={(event) => set({ kickoff_within_min: minutes(event.target.value) })}
            />
          </label>
          <label>
            {editor.beyond}
            <input
              type="number"
              min={0}
              value={scope.kickoff_beyond_min ?? ""}
              onChange={(event) => set({ kickoff_beyond_min: minutes(event.target.value) })}
            />
          </label>
        </>
      )}
    </>
  );
}

function How({ spec, change }: PartProps) {
  const { editor } = text;
  const channels = useRest(["/api/alerts/channels"], fetchChannels).data ?? [];
  const zone = usePreferences().zone || BROWSER_ZONE;
  const quiet = spec.quiet_hours;
  const [refused, setRefused] = useState(false);
  const show = (what: Show, on: boolean) => {
    change({ show: on ? [...spec.show, what] : spec.show.filter((each) => each !== what) });
    // Asked for when first wanted, never before.
    if (on && what === "browser") void askForNotifications().then((granted) => setRefused(!granted));
  };
  return (
    <>
      <label>
        {editor.cooldown}
        <input
          type="number"
          min={0}
          value={spec.cooldown_s / 60}
          onChange={(event) => change({ cooldown_s: Math.round(Number(event.target.value) * 60) })}
        />
      </label>
      <Check
        label={editor.quiet}
        on={quiet !== null}
        onChange={(on) => change({ quiet_hours: on ? { start: "22:00", end: "07:00", zone } : null })}
      />
      {quiet !== null && (
        <div className="row">
          <label>
            {editor.from}
            <input
              type="time"
              required
              value={quiet.start}
              onChange={(event) => change({ quiet_hours: { ...quiet, start: event.target.value } })}
            />
          </label>
          <label>
            {editor.to}
            <input
              type="time"
              required
              value={quiet.end}
              onChange={(event) => change({ quiet_hours: { ...quiet, end: event.target.value } })}
            />
          </label>
          <span className="muted">{quiet.zone}</span>
        </div>
      )}
      <fieldset>
        <legend>{editor.channels}</legend>
        {channels.length === 0 && <span className="muted">{editor.noChannels}</span>}
        {channels.map(({ name }) => (
          <Check
            key={name}
            label={name}
            on={spec.channels.includes(name)}
            onChange={(on) =>
              change({
                channels: on ? [...spec.channels, name] : spec.channels.filter((each) => each !== name),
              })
            }
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>{editor.show}</legend>
        {SHOWS.map((what) => (
          <Check
            key={what}
            label={editor.shows[what]}
            on={spec.show.includes(what)}
            onChange={(on) => show(what, on)}
          />
        ))}
        {refused && <p className="fault">{editor.refused}</p>}
      </fieldset>
      <Check label={editor.enabled} on={spec.enabled} onChange={(enabled) => change({ enabled })} />
    </>
  );
}

async function askForNotifications(): Promise<boolean> {
  if (!("Notification" in window)) return false;
  return (await Notification.requestPermission()) === "granted";
}

function PreviewText({ preview: { fired, since, openNow, limits } }: { preview: Preview }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const { editor } = text;
  const past =
    fired === null || since === null ? editor.unknown : editor.wouldHave(fired, fullTime(since, zone));
  return (
    <p role="status">
      <b>
        {past} · {editor.openNow(openNow)}
      </b>{" "}
      <span className="muted">{limits}</span>
    </p>
  );
}
