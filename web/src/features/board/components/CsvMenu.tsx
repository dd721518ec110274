import { useState } from "react";
import { text } from "@text/board";
import { Popover } from "@/components/ui/Popover";
import { download } from "@/lib/csv";
import { useOddsStore } from "@/lib/store/useOdds";
import { shownBooks, type BoardAddress } from "../address";
import { boardCsv, boardCsvText, csvFileName } from "../csv";
import type { GridPlan } from "../gridPlan";

interface Props {
  address: BoardAddress;
  ids: readonly string[];
  plan: GridPlan;
  onSay: (words: string) => void;
}

/** Everything that the filters select as a file, not only what is on screen. */
export function CsvMenu({ address, ids, plan, onSay }: Props) {
  const store = useOddsStore();
  const [withMark, setWithMark] = useState(false);
  const save = () => {
    const { layout } = store;
    const books = [layout.own, ...shownBooks(address.books, layout)];
    const rows = boardCsv(store, ids, { columns: plan.columns, books, zone: address.zone });
    download(csvFileName(store.now()), "text/csv;charset=utf-8", boardCsvText(rows, withMark));
    onSay(text.downloaded(rows.length));
  };
  return (
    <Popover label={text.csv} name={text.csv} align="end">
      {() => (
        <div className="csv-menu">
          <p>{text.csvSelection(ids.length)}</p>
          <label className="check">
            <input
              type="checkbox"
              checked={withMark}
              onChange={(event) => {
                setWithMark(event.target.checked);
              }}
            />
            {text.csvBom}
          </label>
          <button type="button" className="button primary" onClick={save}>
            {text.download}
          </button>
        </div>
      )}
    </Popover>
  );
}
