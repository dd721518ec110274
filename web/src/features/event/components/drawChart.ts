import uPlot from "uplot";
import type { Chart } from "../series";
import { DASHES, split } from "../series";

const HOUR_S = 3600;
const THIN_DASH = [2, 3];
const CLOSED_ALPHA = 0.55;

/** What a chart is drawn from; times in seconds. */
export interface Drawing {
  times: readonly number[];
  chart: Chart;
  /** Colour of each line, own house first or not, and which are shown. */
  colours: readonly string[];
  shown: readonly boolean[];
  own: number;
  kickoff: number;
  /** When runs began. */
  runs: readonly number[];
  /** Letters at a line: opening and closing. */
  marks: readonly { line: number; at: number; value: number; letter: string }[];
  format: (value: number) => string;
}

export interface Look {
  zone: string;
  text: string;
  muted: string;
  grid: string;
  background: string;
  kickoffWord: string;
  /** Whether this chart carries the time before kick-off above and the time below. */
  countdown: boolean;
  clock: boolean;
}

/** Return the columns as uPlot takes them: times, then what could and could not be backed of each line. */
export function dataOf(drawing: Drawing): uPlot.AlignedData {
  const lines = drawing.chart.lines.flatMap((line) => {
    const { open, closed } = split(line);
    return [open, closed];
  });
  return [[...drawing.times], ...lines] as uPlot.AlignedData;
}

export function seriesOf(drawing: Drawing): uPlot.Series[] {
  const stepped = uPlot.paths.stepped!({ align: 1 });
  const common = { paths: stepped, points: { show: false }, spanGaps: false };
  const lines = drawing.chart.lines.flatMap((_, index): uPlot.Series[] => {
    const show = drawing.shown[index] === true;
    const stroke = drawing.colours[index] ?? "";
    const width = index === drawing.own ? 2 : 1.5;
    return [
      { ...common, show, stroke, width, dash: [...(DASHES[index % DASHES.length] ?? [])] },
      { ...common, show, stroke, width: 1, dash: THIN_DASH, alpha: CLOSED_ALPHA },
    ];
  });
  return [{}, ...lines];
}

export function axesOf(drawing: () => Drawing, look: Look): uPlot.Axis[] {
  const font = "11px system-ui, sans-serif";
  const line = { stroke: look.muted, font, grid: { stroke: look.grid, width: 1 }, ticks: { show: false } };
  const clock: uPlot.Axis = {
    ...line,
    show: look.clock,
    size: 34,
    space: 56,
  };
  const values: uPlot.Axis = {
    ...line,
    size: 44,
    gap: 4,
    space: 26,
    values: (_, ticks) => ticks.map((tick) => drawing().format(tick)),
  };
  const countdown: uPlot.Axis = {
    ...line,
    show: look.countdown,
    // uPlot's Side is a const enum, which a module of its own cannot read; 0 is the top.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
    side: 0,
    scale: "x",
    size: 20,
    gap: 2,
    space: 56,
    grid: { show: false },
    splits: (_plot, _axis, min, max) => countdownSplits(drawing().kickoff, min, max),
    values: (_, ticks) => ticks.map((tick) => beforeKickoff(drawing().kickoff - tick)),
  };
  return [clock, values, countdown];
}

const STEPS_S = [300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/** Round times before kick-off that fall into a span, at most five. */
export function countdownSplits(kickoff: number, min: number, max: number): number[] {
  const step = STEPS_S.find((each) => (max - min) / each <= 5) ?? 2_592_000;
  const splits: number[] = [];
  for (let before = Math.floor((kickoff - min) / step) * step; kickoff - before <= max; before -= step)
    splits.push(kickoff - before);
  return splits;
}

/** "T−2h", "T−30m", "T−3d", "T+15m" */
export function beforeKickoff(seconds: number): string {
  if (Math.abs(seconds) < 30) return "T";
  const size = Math.abs(seconds);
  const sign = seconds > 0 ? "−" : "+";
  if (size >= 48 * HOUR_S && size % (24 * HOUR_S) === 0) return `T${sign}${size / (24 * HOUR_S)}d`;
  if (size >= HOUR_S) return `T${sign}${Math.round((size / HOUR_S) * 10) / 10}h`;
  return `T${sign}${Math.round(size / 60)}m`;
}

/** Draw what is not a line: kick-off, runs, opening and closing, the locked time. */
export function decorate(plot: uPlot, drawing: Drawing, look: Look, locked: number | null): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const within = (at: number) => at >= (plot.scales.x?.min ?? 0) && at <= (plot.scales.x?.max ?? 0);
  const x = (at: number) => Math.round(plot.valToPos(at, "x", true));
  const upright = (at: number, colour: string, dash: number[], from = bbox.top) => {
    ctx.strokeStyle = colour;
    ctx.setLineDash(dash.map((size) => size * ratio));
    ctx.beginPath();
    ctx.moveTo(x(at), from);
    ctx.lineTo(x(at), bbox.top + bbox.height);
    ctx.stroke();
  };
  ctx.save();
  ctx.lineWidth = ratio;
  for (const at of drawing.runs)
    if (within(at)) upright(at, look.muted, [], bbox.top + bbox.height - 4 * ratio);
  if (within(drawing.kickoff)) {
    upright(drawing.kickoff, look.text, [4, 3]);
    write(ctx, look.kickoffWord, x(drawing.kickoff) + 3 * ratio, bbox.top + 10 * ratio, look);
  }
  if (locked !== null && within(locked)) upright(locked, look.text, []);
  ctx.setLineDash([]);
  for (const { line, at, value, letter } of drawing.marks) {
    if (drawing.shown[line] !== true || !within(at)) continue;
    const [left, top] = [x(at), plot.valToPos(value, "y", true)];
    ctx.fillStyle = look.background;
    ctx.strokeStyle = drawing.colours[line] ?? look.text;
    ctx.beginPath();
    ctx.arc(left, top, 5 * ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    write(ctx, letter, left - 3 * ratio, top + 3 * ratio, look, 8);
  }
  ctx.restore();
}

function write(
  ctx: CanvasRenderingContext2D,
  words: string,
  x: number,
  y: number,
  look: Look,
  size = 10,
): void {
  ctx.fillStyle = look.text;
  ctx.font = `${size * uPlot.pxRatio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.fillText(words, x, y);
}
