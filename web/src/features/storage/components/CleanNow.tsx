import { useEffect, useState } from "react";
import { text } from "@text/storage";
import { Dialog } from "@/components/ui/Dialog";
import { formatSize, formatWhole } from "@/lib/format";
import { messageOf } from "@/lib/http";
import { cleanNow, fetchPreview, type CleanupPreview } from "../api/cleanup";

type State = "typing" | "going" | "done";

/** What would go, then a typed word, then it goes. */
export function CleanNow({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const [preview, setPreview] = useState<CleanupPreview | null>(null);
  const [word, setWord] = useState("");
  const [state, setState] = useState<State>("typing");
  const [said, setSaid] = useState({ words: "", failed: false });
  const words = text.clean;
  useEffect(() => {
    const left = new AbortController();
    fetchPreview(left.signal).then(setPreview, (error: unknown) => {
      if (!left.signal.aborted) setSaid({ words: messageOf(error), failed: true });
    });
    return () => left.abort();
  }, []);
  const go = async () => {
    setState("going");
    setSaid({ words: "", failed: false });
    try {
      const { rows, bytes } = await cleanNow();
      setSaid({ words: words.done(formatWhole(rows), formatSize(bytes)), failed: false });
      setState("done");
    } catch (error) {
      setSaid({ words: words.failed(messageOf(error)), failed: true });
      setState("typing");
    }
    onDone();
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form
        className="clean-now"
        onSubmit={(event) => {
          event.preventDefault();
          if (word === words.word && state === "typing") void go();
        }}
      >
        {preview === null ? !said.failed && <p>{words.looking}</p> : <Preview preview={preview} />}
        {preview !== null && preview.rows > 0 && state !== "done" && (
          <p className="typed">
            <label>
              {words.type(words.word)}{" "}
              <input
                type="text"
                autoFocus
                autoComplete="off"
                value={word}
                disabled={state === "going"}
                onChange={({ target }) => setWord(target.value)}
              />
            </label>
            <button
              type="submit"
              className="button danger"
              disabled={word !== words.word || state === "going"}
            >
              {state === "going" ? words.going : words.go}
            </button>
          </p>
        )}
        <p role="status" className={said.failed ? "fault" : ""}>
          {said.words}
        </p>
      </form>
    </Dialog>
  );
}

function Preview({ preview }: { preview: CleanupPreview }) {
  const words = text.clean;
  if (preview.rows === 0) return <p>{words.nothing}</p>;
  return (
    <>
      <p>{words.would(formatWhole(preview.rows), formatSize(preview.bytes))}</p>
      <table className="data">
        <thead>
          <tr>
            <th scope="col">{text.columns.table}</th>
            <th scope="col" className="end">
              {text.columns.rows}
            </th>
            <th scope="col" className="end">
              {text.columns.size}
            </th>
          </tr>
        </thead>
        <tbody>
          {preview.tables
            .filter(({ rows }) => rows > 0)
            .map(({ table, rows, bytes }) => (
              <tr key={table}>
                <th scope="row">{table}</th>
                <td className="end">{formatWhole(rows)}</td>
                <td className="end">{formatSize(bytes)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  );
}
