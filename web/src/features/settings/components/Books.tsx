import { text } from "@text/settings";
import { bookmakerName } from "@/lib/store/layout";
import { useLayout } from "@/lib/store/useOdds";
import type { Setting } from "../api/settings";
import { problemOf, typedOf, type Drafts } from "../drafts";
import { Meanwhile } from "./Field";

interface Props {
  settings: readonly Setting[];
  drafts: Drafts;
  refusal: { key: string; reason: string };
  disabled: boolean;
  onType: (setting: Setting, typed: string) => void;
}

const KINDS = ["concurrency", "delay_ms", "fast_lane_per_minute"] as const;

/** Who is asked, how many requests at once, how far apart, how many beside the runs: a row a bookmaker. */
export function Books({ settings, drafts, refusal, disabled, onType }: Props) {
  const { bookmakers } = useLayout();
  const find = (key: string) => settings.find((setting) => setting.key === key);
  const enabled = find("enabled_bookmakers");
  const codes = settings
    .filter(({ key }) => key.endsWith("_concurrency"))
    .map(({ key }) => key.slice(0, -"_concurrency".length));
  if (enabled === undefined) return null;
  const chosen = (drafts[enabled.key]?.typed ?? typedOf(enabled.value)).split(",").filter(Boolean);
  const allowed = enabled.default as readonly string[];
  const problem = problemOf(enabled, chosen.join(",")) || (refusal.key === enabled.key ? refusal.reason : "");
  const choose = (code: string, on: boolean) =>
    onType(enabled, codes.filter((each) => (each === code ? on : chosen.includes(each))).join(","));
  return (
    <>
      <div className="scroll-x">
        <table className="data books">
          <thead>
            <tr>
              <th scope="col">{text.books.bookmaker}</th>
              <th scope="col">{text.books.on}</th>
              {KINDS.map((kind) => (
                <th key={kind} scope="col" className={kind === "fast_lane_per_minute" ? "wide" : ""}>
                  {text.books[kind]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {codes.map((code) => {
              const name = bookmakerName(bookmakers, code);
              return (
                <tr key={code}>
                  <th scope="row">{name}</th>
                  <td
                    className={
                      drafts[enabled.key] !== undefined && changed(enabled, chosen, code) ? "unsaved" : ""
                    }
                  >
                    <input
                      type="checkbox"
                      aria-label={text.books.ask(name)}
                      checked={chosen.includes(code)}
                      disabled={disabled || !allowed.includes(code)}
                      onChange={({ target }) => choose(code, target.checked)}
                    />
                  </td>
                  {KINDS.map((kind) => {
                    const setting = find(`${code}_${kind}`);
                    return (
                      <td key={kind}>
                        {setting !== undefined && (
                          <Cell
                            setting={setting}
                            label={text.books.field(name, text.books[kind])}
                            drafts={drafts}
                            refusal={refusal.key === setting.key ? refusal.reason : ""}
                            disabled={disabled}
                            onType={(typed) => onType(setting, typed)}
                          />
                        )}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="nothing">
        {problem !== "" && (
          <span className="fault" role="alert">
            {problem}{" "}
          </span>
        )}
        <Meanwhile setting={enabled} draft={drafts[enabled.key]} onType={(typed) => onType(enabled, typed)} />{" "}
        {text.books.effect}
      </p>
    </>
  );
}

function changed(enabled: Setting, chosen: readonly string[], code: string): boolean {
  return (enabled.value as readonly string[]).includes(code) !== chosen.includes(code);
}

function Cell(props: {
  setting: Setting;
  label: string;
  drafts: Drafts;
  refusal: string;
  disabled: boolean;
  onType: (typed: string) => void;
}) {
  const { setting, label, drafts, refusal, disabled, onType } = props;
  const draft = drafts[setting.key];
  const typed = draft?.typed ?? typedOf(setting.value);
  const problem = problemOf(setting, typed) || refusal;
  const hint = `${text.default(typedOf(setting.default), "")} · ${text.range(setting.min ?? 0, setting.max ?? 0)}`;
  return (
    <span className={draft === undefined ? "" : "unsaved"} data-setting={setting.key}>
      <input
        type="text"
        inputMode="numeric"
        autoComplete="off"
        aria-label={label}
        aria-invalid={problem !== ""}
        title={`${setting.effect} · ${hint}`}
        value={typed}
        disabled={disabled}
        onChange={({ target }) => onType(target.value)}
      />{" "}
      <span className="muted">{hint}</span>
      {draft !== undefined && <span className="mark"> ● {text.unsavedMark}</span>}
      {problem !== "" && (
        <span className="fault" role="alert">
          {" "}
          {problem}
        </span>
      )}{" "}
      <Meanwhile setting={setting} draft={draft} onType={onType} />
    </span>
  );
}
