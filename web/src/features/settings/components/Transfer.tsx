import { useState } from "react";
import { text } from "@text/settings";
import { Panel } from "@/components/ui/Panel";
import { download } from "@/lib/csv";
import { preferences, setPreferences } from "@/lib/preferences";
import type { Setting } from "../api/settings";
import type { Drafts } from "../drafts";
import { exportText, readImport } from "../transfer";

/** Settings to a file and back. */
export function Transfer({
  settings,
  onImport,
}: {
  settings: readonly Setting[];
  onImport: (drafts: Drafts) => void;
}) {
  const [said, setSaid] = useState({ words: "", failed: false });
  const words = text.transfer;
  const read = async (file: File) => {
    const found = readImport(await file.text(), settings);
    if (found === null) {
      setSaid({ words: words.bad, failed: true });
      return;
    }
    onImport(found.drafts);
    setPreferences(found.preferences);
    const left = found.ignored.length === 0 ? "" : ` ${words.ignored(found.ignored.join(", "))}`;
    setSaid({ words: words.done(Object.keys(found.drafts).length) + left, failed: false });
  };
  return (
    <Panel title={words.title}>
      <div className="panel-body transfer">
        <button
          type="button"
          className="button"
          onClick={() =>
            download("overround_settings.json", "application/json", exportText(settings, preferences()))
          }
        >
          {words.export}
        </button>
        <label className="button">
          {words.import}
          <input
            type="file"
            className="visually-hidden"
            accept="application/json,.json"
            onChange={({ target }) => {
              const file = target.files?.[0];
              target.value = "";
              if (file !== undefined) void read(file);
            }}
          />
        </label>
        <span className="muted">{words.note}</span>
        <span role="status" className={said.failed ? "fault" : ""}>
          {said.words}
        </span>
      </div>
    </Panel>
  );
}
