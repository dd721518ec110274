import { useId } from "react";
import { text } from "@text/settings";
import type { Setting } from "../api/settings";
import { nameOf, problemOf, typedOf, type Draft } from "../drafts";

interface Props {
  setting: Setting;
  draft: Draft | undefined;
  /** What the server said against what was typed. */
  refusal: string;
  disabled: boolean;
  onType: (typed: string) => void;
}

const PRESETS: Readonly<Record<string, readonly string[]>> = {
  scrape_interval_minutes: ["5", "10", "15", "30"],
};

/** One number of the server: its default, unit and effect, whether it is saved, and why it can't be. */
export function Field({ setting, draft, refusal, disabled, onType }: Props) {
  const id = useId();
  const { key, unit, min, max, effect } = setting;
  const name = nameOf(key);
  const typed = draft?.typed ?? typedOf(setting.value);
  const problem = problemOf(setting, typed) || refusal;
  const standard = typedOf(setting.default);
  return (
    <div className={draft === undefined ? "field" : "field unsaved"} data-setting={key}>
      <label htmlFor={id}>
        {name}
        {draft !== undefined && <span className="mark"> ● {text.unsavedMark}</span>}
      </label>
      <span className="field-input">
        <input
          id={id}
          type="text"
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          disabled={disabled}
          aria-invalid={problem !== ""}
          aria-describedby={`${id}-why ${id}-hint`}
          onChange={({ target }) => onType(target.value)}
        />{" "}
        {unit}
        <Presets name={name} values={PRESETS[key]} typed={typed} disabled={disabled} onType={onType} />
      </span>
      <span className="field-hint" id={`${id}-hint`}>
        {effect}
        <span className="muted">
          {" "}
          · {text.default(standard, unit)}
          {min !== null && max !== null && ` · ${text.range(min, max)}`}
        </span>
        {typed !== standard && !disabled && (
          <button
            type="button"
            className="to-default"
            aria-label={text.toDefault(name)}
            onClick={() => onType(standard)}
          >
            ↺
          </button>
        )}
      </span>
      <span className="field-why" id={`${id}-why`} role={problem === "" ? undefined : "alert"}>
        {problem !== "" && <span className="fault">{problem}</span>}
        <Meanwhile setting={setting} draft={draft} onType={onType} />
      </span>
    </div>
  );
}

function Presets(props: {
  name: string;
  values: readonly string[] | undefined;
  typed: string;
  disabled: boolean;
  onType: (typed: string) => void;
}) {
  const { name, values, typed, disabled, onType } = props;
  if (values === undefined || disabled) return null;
  return (
    <span className="presets" role="group" aria-label={text.presets(name)}>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          className="button"
          aria-pressed={typed === value}
          onClick={() => onType(value)}
        >
          {value}
        </button>
      ))}
    </span>
  );
}

/** Says that somebody else changed what is being edited. */
export function Meanwhile(props: {
  setting: Setting;
  draft: Draft | undefined;
  onType: (typed: string) => void;
}) {
  const { setting, draft, onType } = props;
  const now = typedOf(setting.value);
  if (draft === undefined || draft.base === now) return null;
  return (
    <span className="meanwhile">
      {text.pushed(now)}{" "}
      <button type="button" className="button" onClick={() => onType(now)}>
        {text.takeIt}
      </button>
    </span>
  );
}
