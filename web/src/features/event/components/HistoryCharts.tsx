import { useCallback, useEffect, useMemo, useState } from "react";
import { text } from "@text/event";
import { Segmented } from "@/components/ui/Segmented";
import { clockTimeWithSeconds, shortDay } from "@/lib/timezone";
import { useLayout } from "@/lib/store/useOdds";
import { SPANS, type EventAddress } from "../address";
import type { History } from "../api/fetchHistory";
import { useHistoryView, useLooks, type ChartKind, type HistoryView } from "../hooks/useHistoryView";
import { useRunTimes } from "../hooks/useMarketHistory";
import { HistoryTable } from "./HistoryTable";
import { TimeChart, type TimeControl } from "./TimeChart";

interface Props {
  history: History;
  name: string;
  address: EventAddress;
  update: (change: Partial<EventAddress>) => void;
  zone: string;
}

const HEIGHTS: Readonly<Record<ChartKind, number>> = { odds: 160, margin: 70, gap: 102 };
const KINDS: readonly ChartKind[] = ["odds", "margin", "gap"];
const words = text.history;

/** Odds, margin and gap of one market over time, under one crosshair, and the same as a table. */
export function HistoryCharts({ history, name, address, update, zone }: Props) {
  const layout = useLayout();
  const runs = useRunTimes();
  const around = useMemo(() => ({ bookmakers: layout.bookmakers, own: layout.own, runs }), [layout, runs]);
  const view = useHistoryView(history, address, around);
  const looks = useLooks(zone);
  const [hover, setHover] = useState<number | null>(null);
  const [locked, setLocked] = useState<number | null>(null);
  const [zoom, setZoom] = useState<readonly [number, number] | null>(null);
  useUnlock(locked !== null, setLocked);

  const span = zoom ?? view.span;
  const control: TimeControl = { span, locked, onHover: setHover, onLock: setLocked, onZoom: setZoom };
  const at = locked ?? hover;
  return (
    <>
      <Controls
        {...{ address, view, history }}
        update={(change) => {
          if (change.span !== undefined) setZoom(null);
          update(change);
        }}
      />
      <Values view={view} at={at ?? span[1]} hidden={address.hidden} update={update} />
      <p className="history-at">
        {at === null
          ? words.now
          : (locked === null ? words.at : words.locked)(
              `${shortDay(at * 1000, zone)} ${clockTimeWithSeconds(at * 1000, zone)}`,
            )}
      </p>
      {view.charts.times.length === 0 ? (
        <p className="history-none">{words.empty}</p>
      ) : (
        KINDS.map((kind) => {
          const label =
            words.charts[kind === "odds" && address.axis === "probability" ? "probability" : kind];
          return (
            <figure key={kind} className="history-chart">
              <figcaption>{label}</figcaption>
              <TimeChart
                name={words.chart(label)}
                height={HEIGHTS[kind]}
                drawing={view.drawings[kind]}
                look={looks[kind]}
                control={control}
              />
            </figure>
          );
        })
      )}
      <p className="history-marks">
        {words.marks} · {words.reset}
      </p>
      <HistoryTable {...{ history, name, zone, view }} />
    </>
  );
}

function Controls(props: {
  address: EventAddress;
  view: HistoryView;
  history: History;
  update: (change: Partial<EventAddress>) => void;
}) {
  const { address, history, update } = props;
  return (
    <div className="history-controls">
      {history.outcomes.length > 4 ? (
        <select
          aria-label={words.outcome}
          value={Math.min(address.outcome, history.outcomes.length - 1)}
          onChange={(event) => {
            update({ outcome: Number(event.target.value) });
          }}
        >
          {history.outcomes.map((outcome, index) => (
            <option key={outcome} value={index}>
              {outcome}
            </option>
          ))}
        </select>
      ) : (
        <Segmented
          name={words.outcome}
          value={String(Math.min(address.outcome, Math.max(0, history.outcomes.length - 1)))}
          options={history.outcomes.map((label, index) => ({ value: String(index), label }))}
          onChange={(value) => {
            update({ outcome: Number(value) });
          }}
        />
      )}
      <Segmented
        name={words.span}
        value={address.span}
        options={SPANS.map((value) => ({ value, label: words.spans[value] }))}
        onChange={(span) => {
          update({ span });
        }}
      />
      <Segmented
        name={words.axis}
        value={address.axis}
        options={(["price", "probability"] as const).map((value) => ({ value, label: words.axes[value] }))}
        onChange={(axis) => {
          update({ axis });
        }}
      />
    </div>
  );
}

/** Every bookmaker's values at the crosshair; its button takes it out of the charts. */
function Values(props: {
  view: HistoryView;
  at: number;
  hidden: readonly string[];
  update: (change: Partial<EventAddress>) => void;
}) {
  const { view, at, hidden, update } = props;
  const values = view.valuesAt(at);
  const { columns } = words;
  return (
    <table className="history-values">
      <thead>
        <tr>
          <th scope="col">{text.table.book}</th>
          <th scope="col">{columns.odds}</th>
          <th scope="col">{columns.margin}</th>
          <th scope="col">{columns.gap}</th>
        </tr>
      </thead>
      <tbody>
        {view.lines.map(({ bookmaker, name, code, series, shown }, index) => (
          <tr key={bookmaker}>
            <th scope="row">
              <button
                type="button"
                className="book-toggle"
                aria-pressed={shown}
                title={words.hide(name)}
                onClick={() => {
                  update({
                    hidden: shown ? [...hidden, bookmaker] : hidden.filter((each) => each !== bookmaker),
                  });
                }}
              >
                <LineSign series={series} dash={index} />
                <b>{code}</b> {name}
              </button>
            </th>
            <td>{values[index]?.odds ?? "–"}</td>
            <td>{values[index]?.margin ?? "–"}</td>
            <td>{values[index]?.gap ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const SIGN_DASHES = ["", "8 3", "3 3", "8 3 2 3", "12 4", "2 2", "6 2 2 2"];

function LineSign({ series, dash }: { series: number; dash: number }) {
  return (
    <svg width="26" height="8" aria-hidden="true" className={`line-sign series-${(series % 7) + 1}`}>
      <line x1="0" y1="4" x2="26" y2="4" strokeDasharray={SIGN_DASHES[dash % SIGN_DASHES.length]} />
    </svg>
  );
}

/** Escape unlocks before it does anything else. */
function useUnlock(locked: boolean, lock: (at: null) => void): void {
  const unlock = useCallback(
    (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      lock(null);
    },
    [lock],
  );
  useEffect(() => {
    if (!locked) return;
    window.addEventListener("keydown", unlock, true);
    return () => {
      window.removeEventListener("keydown", unlock, true);
    };
  }, [locked, unlock]);
}
