import { useEffect, useRef, useState } from "react";
import { text } from "@text/settings";
import { Failure } from "@/components/ui/Failure";
import { Desk, Panel, Waiting } from "@/components/ui/Panel";
import { messageOf } from "@/lib/http";
import { askAgain, putRest, useRest } from "@/lib/rest";
import { useMay } from "@/lib/session";
import { useLink, useSettingsRevision } from "@/lib/store/useStatus";
import { fetchSettings, saveSettings, SettingRefused, type Setting } from "../api/settings";
import { changesOf, grouped, problemOf, withDraft, type Drafts } from "../drafts";
import { Access } from "./Access";
import { Books } from "./Books";
import { Field } from "./Field";
import { Screen } from "./Screen";
import { Transfer } from "./Transfer";
import "./Settings.css";

const SETTINGS = "/api/settings";
const NO_REFUSAL = { key: "", reason: "" };
const IN_TABLE = /^(enabled_bookmakers|\w+_concurrency|\w+_delay_ms|\w+_fast_lane_per_minute)$/;

/** Everything that can be set: of the server with what is not saved marked, of this screen at once. */
export function Settings() {
  const { data, error, refetch } = useRest([SETTINGS], fetchSettings);
  usePushedSettings();
  return (
    <>
      {data === undefined ? (
        <Desk title={text.title}>
          {error === null ? <Waiting lines={12} /> : <Failure reason={error.message} onRetry={refetch} />}
        </Desk>
      ) : (
        <Editor settings={data} failure={error?.message ?? ""} onRetry={refetch} />
      )}
    </>
  );
}

/** Ask again for what another tab, a command or another person changed. */
function usePushedSettings(): void {
  const live = useLink().state === "live";
  const revision = useSettingsRevision();
  const seen = useRef(`${live} ${revision}`);
  useEffect(() => {
    const now = `${live} ${revision}`;
    if (seen.current === now) return;
    seen.current = now;
    askAgain(SETTINGS);
  }, [live, revision]);
}

function Editor(props: { settings: readonly Setting[]; failure: string; onRetry: () => void }) {
  const { settings, failure, onRetry } = props;
  const may = useMay("operator");
  const [drafts, setDrafts] = useState<Drafts>({});
  const [state, setState] = useState({ saving: false, words: "", failed: false, refusal: NO_REFUSAL });
  const changed = settings.filter(({ key }) => drafts[key] !== undefined);
  useLeaveWarning(changed.length > 0);
  const say = (words: string, failed = false, refusal = NO_REFUSAL) =>
    setState({ saving: false, words, failed, refusal });
  const type = (setting: Setting, typed: string) => {
    setDrafts((before) => withDraft(before, setting, typed));
    say("");
  };
  const save = async () => {
    const changes = changesOf(settings, drafts);
    if (changes === null) return;
    setState({ saving: true, words: "", failed: false, refusal: NO_REFUSAL });
    try {
      putRest([SETTINGS], await saveSettings(changes));
      setDrafts({});
      say(text.saved);
    } catch (error) {
      const reason = messageOf(error);
      const key = error instanceof SettingRefused ? error.key : "";
      say(text.notSaved(reason), true, { key, reason });
    }
  };
  const wrong = changed.filter((setting) => problemOf(setting, drafts[setting.key]!.typed) !== "").length;
  const tools = (
    <>
      {!may && <span className="muted">{text.mayNot}</span>}
      <span role="status" className={state.failed || wrong > 0 ? "fault" : "muted"}>
        {wrong > 0 ? text.wrong(wrong) : state.words}
      </span>
      <span className="spring" />
      {changed.length > 0 && <span className="mark">● {text.unsaved(changed.length)}</span>}
      <button
        type="button"
        className="button"
        disabled={changed.length === 0 || state.saving}
        onClick={() => {
          setDrafts({});
          say("");
        }}
      >
        {text.discard}
      </button>
      <button
        type="button"
        className="button primary"
        disabled={changed.length === 0 || wrong > 0 || state.saving || !may}
        onClick={() => void save()}
      >
        {state.saving ? text.saving : text.save}
      </button>
    </>
  );
  return (
    <Desk title={text.title} tools={tools}>
      {failure !== "" && <Failure reason={failure} onRetry={onRetry} />}
      <Screen />
      <Panel title={text.groups.bookmakers}>
        <Books
          settings={settings.filter(({ key }) => IN_TABLE.test(key))}
          drafts={drafts}
          refusal={state.refusal}
          disabled={!may}
          onType={type}
        />
      </Panel>
      <div className="panels">
        {grouped(settings.filter(({ key }) => !IN_TABLE.test(key))).map((group) => (
          <Panel key={group.name} title={text.groups[group.name]}>
            {group.settings.map((setting) => (
              <Field
                key={setting.key}
                setting={setting}
                draft={drafts[setting.key]}
                refusal={state.refusal.key === setting.key ? state.refusal.reason : ""}
                disabled={!may}
                onType={(typed) => type(setting, typed)}
              />
            ))}
          </Panel>
        ))}
      </div>
      <Transfer settings={settings} onImport={setDrafts} />
      <Access />
    </Desk>
  );
}

/** Have the browser ask before a tab with unsaved changes is closed. */
function useLeaveWarning(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [unsaved]);
}
