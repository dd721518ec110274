import { useMemo, useState } from "react";
import { text } from "@text/event";
import { formatMargin, formatOdds } from "@/lib/format";
import { shortDay, clockTimeWithSeconds } from "@/lib/timezone";
import type { History } from "../api/fetchHistory";
import type { HistoryView } from "../hooks/useHistoryView";
import { rowsOf, type HistoryRow } from "../series";

interface Props {
  history: History;
  name: string;
  zone: string;
  view: HistoryView;
}

const words = text.history;
/** Rows put on the page; copying takes all. */
const ROWS_SHOWN = 200;

/** The history in rows, for reading without a picture and for copying. */
export function HistoryTable({ history, name, zone, view }: Props) {
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState(false);
  return (
    <details
      className="history-table"
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>{words.table}</summary>
      {open && (
        <>
          <button
            type="button"
            className="button"
            onClick={() => {
              void navigator.clipboard.writeText(asText(history, view, zone)).then(() => {
                setCopied(true);
              });
            }}
          >
            {copied ? text.copied : words.copy}
          </button>
          <Rows {...{ history, name, zone, view }} />
        </>
      )}
    </details>
  );
}

function Rows({ history, name, zone, view }: Props) {
  const rows = useShownRows(history, view);
  return (
    <div className="history-rows" tabIndex={0} role="region" aria-label={words.tableCaption(name)}>
      <table>
        <caption>
          {words.tableCaption(name)}
          {rows.length > ROWS_SHOWN && ` · ${words.thinned(ROWS_SHOWN, rows.length)}`}
        </caption>
        <thead>
          <tr>
            {[words.time, text.table.book, words.state, ...history.outcomes, text.table.margin].map(
              (head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_SHOWN).map((row, index) => (
            <tr key={index}>
              {cellsOf(row, history, view, zone).map((cell, place) => (
                <td key={place}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function useShownRows(history: History, view: HistoryView): HistoryRow[] {
  return useMemo(() => shownRows(history, view), [history, view]);
}

function shownRows(history: History, view: HistoryView): HistoryRow[] {
  const shown = new Set(view.lines.filter((line) => line.shown).map(({ bookmaker }) => bookmaker));
  return rowsOf(history, (bookmaker) => shown.has(bookmaker));
}

function cellsOf(row: HistoryRow, history: History, view: HistoryView, zone: string): string[] {
  const when = row.at === null ? "–" : `${shortDay(row.at, zone)} ${clockTimeWithSeconds(row.at, zone)}`;
  const reason = row.reason === "" ? "" : ` ${text.reasons[row.reason] ?? row.reason}`;
  const state = row.state === "" ? `${words.kinds[row.kind]}${reason}` : text.states[row.state];
  const odds = history.outcomes.map((_, index) => {
    const price = row.odds[index] ?? null;
    return price === null ? "–" : formatOdds(price);
  });
  const margin = row.overround === null ? "–" : formatMargin(row.overround);
  return [when, view.lines[row.book]?.name ?? "", state, ...odds, margin];
}

function asText(history: History, view: HistoryView, zone: string): string {
  const head = [words.time, text.table.book, words.state, ...history.outcomes, text.table.margin];
  const rows = shownRows(history, view).map((row) => cellsOf(row, history, view, zone));
  return [head, ...rows].map((cells) => cells.join("\t")).join("\n");
}
