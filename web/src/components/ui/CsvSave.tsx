import { useState } from "react";
import { text } from "@text/ui";
import { csvText, download, type CsvValue } from "@/lib/csv";
import { Popover } from "./Popover";
import "./CsvSave.css";

interface Props {
  /** "movements" of "overround_movements_2026-02-06T1205Z.csv". */
  subject: string;
  header: readonly string[];
  /** Everything that the filters select, in view order. */
  rows: () => readonly (readonly CsvValue[])[] | Promise<readonly (readonly CsvValue[])[]>;
  count: number;
  now: () => number;
}

/** Everything that the filters select as a file, not only what is on screen. */
export function CsvSave({ subject, header, rows, count, now }: Props) {
  const [withMark, setWithMark] = useState(false);
  const [said, setSaid] = useState("");
  const save = async () => {
    try {
      const made = await rows();
      download(csvFileName(subject, now()), "text/csv;charset=utf-8", csvText(header, made, withMark));
      setSaid(text.csvSaved(made.length));
    } catch (error) {
      setSaid(text.csvFailed(error instanceof Error ? error.message : String(error)));
    }
  };
  return (
    <Popover label={text.csv} name={text.csv} align="end">
      {() => (
        <div className="csv-save">
          <p>{text.csvCount(count)}</p>
          <label className="check">
            <input
              type="checkbox"
              checked={withMark}
              onChange={(event) => setWithMark(event.target.checked)}
            />
            {text.csvMark}
          </label>
          <button type="button" className="button primary" onClick={() => void save()}>
            {text.download}
          </button>
          <p role="status">{said}</p>
        </div>
      )}
    </Popover>
  );
}

export function csvFileName(subject: string, at: number): string {
  return `overround_${subject}_${new Date(at).toISOString().slice(0, 16).replace(/:/g, "")}Z.csv`;
}
