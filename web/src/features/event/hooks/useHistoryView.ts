import { useMemo } from "react";
import { text } from "@text/event";
import { formatGap, formatMargin, formatOdds } from "@/lib/format";
import { SPAN_MS, type EventAddress } from "../address";
import type { BookHistory, History } from "../api/fetchHistory";
import type { Drawing, Look } from "../components/drawChart";
import { chartsOf, codeOf, indexAt, type Charts } from "../series";
import { useColours } from "./useLook";

const DEAD_SECOND = 1;

export interface BookLine {
  bookmaker: string;
  name: string;
  code: string;
  /** Place among all bookmakers: colour and dash follow it. */
  series: number;
  shown: boolean;
}

export type ChartKind = "odds" | "margin" | "gap";

export interface HistoryView {
  charts: Charts;
  lines: readonly BookLine[];
  drawings: Readonly<Record<ChartKind, Drawing>>;
  /** First and last time of the span chosen, in seconds. */
  span: readonly [number, number];
  /** What the lines say at a time, by bookmaker; null where nothing was known. */
  valuesAt: (at: number) => readonly Readonly<Record<ChartKind, string | null>>[];
}

interface Around {
  bookmakers: readonly { code: string; name: string }[];
  own: number;
  runs: readonly number[];
}

/** Lay a market's history out for the charts, the values beside them and the span chosen. */
export function useHistoryView(history: History, address: EventAddress, around: Around): HistoryView {
  const colours = useColours();
  return useMemo(() => {
    const { bookmakers, own, runs } = around;
    const outcome = Math.min(address.outcome, Math.max(0, history.outcomes.length - 1));
    const lines = history.books.map(({ bookmaker }): BookLine => {
      const series = bookmakers.findIndex(({ code }) => code === bookmaker);
      const name = bookmakers[series]?.name ?? bookmaker;
      return { bookmaker, name, code: codeOf(bookmaker), series, shown: !address.hidden.includes(bookmaker) };
    });
    const ownLine = lines.findIndex(({ series }) => series === own);
    const charts = chartsOf(history, outcome, ownLine);
    const inPercent = address.axis === "probability";
    if (inPercent)
      for (const line of charts.odds.lines)
        line.values = line.values.map((odds) => (odds === null ? null : 1 / odds));
    const formats: Record<ChartKind, (value: number) => string> = {
      odds: inPercent ? (value) => (value * 100).toFixed(1) : (value) => formatOdds(value),
      margin: formatMargin,
      gap: formatGap,
    };
    const common = {
      times: charts.times,
      colours: lines.map(({ series }) => colours[`--series-${(series % 7) + 1}`] ?? colours["--text"]),
      shown: lines.map(({ shown }) => shown),
      own: ownLine,
      kickoff: history.kickoffAt / 1000,
      runs: runs.map((at) => at / 1000),
      marks: [],
    };
    const drawings = {
      odds: {
        ...common,
        chart: charts.odds,
        format: formats.odds,
        marks: marksOf(history, outcome, inPercent),
      },
      margin: { ...common, chart: charts.margin, format: formats.margin },
      gap: { ...common, chart: charts.gap, format: formats.gap },
    };
    const valuesAt = (at: number) => {
      const index = indexAt(charts.times, at);
      return lines.map((_, line) => {
        const valueOf = (kind: ChartKind) => {
          const { values, open } = charts[kind].lines[line]!;
          const value = values[index] ?? null;
          if (value === null || (kind !== "odds" && open[index] !== true)) return null;
          const words = formats[kind](value);
          return open[index] === true ? words : `(${words})`;
        };
        return { odds: valueOf("odds"), margin: valueOf("margin"), gap: valueOf("gap") };
      });
    };
    return { charts, lines, drawings, span: spanOf(charts.times, address.span), valuesAt };
  }, [history, address, around, colours]);
}

function spanOf(times: readonly number[], span: EventAddress["span"]): readonly [number, number] {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const from = Math.max(first, last - SPAN_MS[span] / 1000);
  return [from, Math.max(last, from + DEAD_SECOND)];
}

function marksOf(history: History, outcome: number, inPercent: boolean): Drawing["marks"] {
  return history.books.flatMap((book: BookHistory, line) =>
    (["opening", "closing"] as const).flatMap((kind) => {
      const { at, odds } = book[kind];
      const value = odds?.[outcome] ?? null;
      if (at === null || value === null) return [];
      const letter = kind === "opening" ? text.history.opening : text.history.closing;
      return [{ line, at: at / 1000, value: inPercent ? 1 / value : value, letter }];
    }),
  );
}

/** Return how the charts look in the theme and zone: the one above carries the countdown, the one below the clock. */
export function useLooks(zone: string): Readonly<Record<ChartKind, Look>> {
  const colours = useColours();
  return useMemo(() => {
    const base = {
      zone,
      text: colours["--text"],
      muted: colours["--muted"],
      grid: colours["--line"],
      background: colours["--bg"],
      kickoffWord: text.history.kickoff,
      countdown: false,
      clock: false,
    };
    return { odds: { ...base, countdown: true }, margin: base, gap: { ...base, clock: true } };
  }, [zone, colours]);
}
