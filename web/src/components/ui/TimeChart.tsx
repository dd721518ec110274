import { useMemo, type KeyboardEvent, type PointerEvent } from "react";
import "./TimeChart.css";

export interface ChartPoint {
  at: number;
  value: number;
}

interface Props {
  name: string;
  from: number;
  to: number;
  /** Ascending in time. */
  points: readonly ChartPoint[];
  /** A line for what goes on, bars for what happens. */
  kind: "line" | "bars";
  /** Whether a fault is drawn. */
  fault?: boolean;
  format: (value: number) => string;
  /** What stands at a moment of the axis. */
  label: (at: number) => string;
  /** The point under the pointer; charts beside each other share it. */
  cursor: number | null;
  onCursor: (index: number | null) => void;
}

const WIDTH = 1000;
const HEIGHT = 64;
const TICKS = 4;

/** Values over time with the largest named, and the one under the pointer or reached with ← and →. */
export function TimeChart(props: Props) {
  const { name, from, to, points, kind, fault = false, format, label, cursor, onCursor } = props;
  const top = Math.max(...points.map(({ value }) => value), 0);
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * WIDTH;
  const path = useMemo(() => shape(points, kind, from, to, top), [points, kind, from, to, top]);
  const at = cursor === null ? undefined : points[cursor];
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onCursor(nearest(points, from + ((event.clientX - left) / width) * (to - from)));
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined || points.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    onCursor(Math.min(points.length - 1, Math.max(0, (cursor ?? (by > 0 ? -1 : points.length)) + by)));
  };
  return (
    <figure className="trend-chart">
      <figcaption>
        <span>{name}</span>
        <output>{at === undefined ? "" : `${label(at.at)} · ${format(at.value)}`}</output>
      </figcaption>
      <div
        className="trend-chart-field"
        role="slider"
        tabIndex={0}
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, points.length - 1)}
        aria-valuenow={cursor ?? 0}
        aria-valuetext={at === undefined ? name : `${label(at.at)}: ${format(at.value)}`}
        onPointerMove={move}
        onPointerLeave={() => onCursor(null)}
        onBlur={() => onCursor(null)}
        onKeyDown={step}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path className={fault ? "fault-mark" : kind} d={path} />
          {at !== undefined && <path className="cursor" d={`M${x(at.at).toFixed(1)} 0V${HEIGHT}`} />}
        </svg>
        <span className="trend-chart-top">{format(top)}</span>
      </div>
      <div className="trend-chart-axis" aria-hidden="true">
        {Array.from({ length: TICKS + 1 }, (_, tick) => (
          <span key={tick}>{label(from + ((to - from) * tick) / TICKS)}</span>
        ))}
      </div>
    </figure>
  );
}

function shape(
  points: readonly ChartPoint[],
  kind: "line" | "bars",
  from: number,
  to: number,
  top: number,
): string {
  const place = ({ at, value }: ChartPoint): [string, string] => [
    (((at - from) / Math.max(1, to - from)) * WIDTH).toFixed(1),
    (HEIGHT - (top > 0 ? value / top : 0) * (HEIGHT - 4) - 1).toFixed(1),
  ];
  if (kind === "bars")
    return points
      .filter(({ value }) => value > 0)
      .map((point) => {
        const [x, y] = place(point);
        return `M${x} ${HEIGHT}V${y}`;
      })
      .join("");
  // A line through one point is a dot.
  const dot = points.length === 1 ? "h0.1" : "";
  return line(points.map(place)) + dot;
}

function line(places: readonly (readonly [string, string])[]): string {
  return places.map((place, index) => `${index === 0 ? "M" : "L"}${place.join(" ")}`).join("");
}

/** Return the index of the point nearest to a moment, null without points. */
export function nearest(points: readonly ChartPoint[], at: number): number | null {
  let [low, high] = [0, points.length - 1];
  if (high < 0) return null;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  const before = points[low - 1];
  return before !== undefined && at - before.at < points[low]!.at - at ? low - 1 : low;
}
