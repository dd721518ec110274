import { useEffect, useRef, type KeyboardEvent } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { axesOf, dataOf, decorate, seriesOf, type Drawing, type Look } from "./drawChart";

/** Where the charts' shared crosshair and span are, in seconds. */
export interface TimeControl {
  span: readonly [number, number];
  locked: number | null;
  onHover: (at: number | null) => void;
  onLock: (at: number | null) => void;
  onZoom: (span: readonly [number, number] | null) => void;
}

interface Props {
  name: string;
  height: number;
  drawing: Drawing;
  look: Look;
  control: TimeControl;
}

const SYNC = "event-history";
const CLICK_PX = 3;

/** One chart over time; those of one page share the crosshair and the span. */
export function TimeChart({ name, height, drawing, look, control }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const current = useRef({ drawing, look, control });
  useEffect(() => {
    current.current = { drawing, look, control };
  });

  const lineCount = drawing.chart.lines.length;
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const made = makePlot(element, height, () => current.current);
    plot.current = made;
    const resized = new ResizeObserver(() => {
      made.setSize({ width: Math.max(80, element.clientWidth), height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.current = null;
      made.destroy();
    };
  }, [height, look, lineCount]);

  const [from, to] = control.span;
  useEffect(() => {
    plot.current?.batch(() => {
      plot.current?.setData(dataOf(drawing), false);
      plot.current?.setScale("x", { min: from, max: to });
    });
  }, [drawing, from, to, look, lineCount]);
  const shown = drawing.shown.join();
  useEffect(() => {
    shown.split(",").forEach((each, index) => {
      for (const part of [1, 2]) plot.current?.setSeries(index * 2 + part, { show: each === "true" });
    });
    plot.current?.redraw(false);
  }, [shown, look, lineCount, control.locked, drawing]);

  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const times = drawing.times.filter((at) => at >= from && at <= to);
    const at = control.locked ?? times.at(-1) ?? null;
    const place = at === null ? -1 : times.indexOf(at);
    control.onLock(times[Math.min(times.length - 1, Math.max(0, place + step))] ?? null);
  };
  return (
    <div
      ref={frame}
      className="time-chart"
      role="application"
      aria-label={name}
      tabIndex={0}
      style={{ height }}
      onKeyDown={walk}
    />
  );
}

/** 24 hours and "24 Nov" where uPlot's own labels say 1pm and 11/24/26. */
function ourTemplate(template: string): string {
  return template
    .replace("{h}{aa}", "{HH}:00")
    .replace("{h}", "{HH}")
    .replace("{aa}", "")
    .replace(/\{M\}\/\{D\}(\/\{YY\})?/, "{D} {MMM}");
}

function makePlot(
  element: HTMLElement,
  height: number,
  now: () => { drawing: Drawing; look: Look; control: TimeControl },
): uPlot {
  const { drawing, look } = now();
  let pressed: number | null = null;
  const made = new uPlot(
    {
      width: Math.max(80, element.clientWidth),
      height,
      padding: [look.countdown ? 0 : 6, 10, look.clock ? 0 : 4, 0],
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), look.zone),
      fmtDate: (template) => uPlot.fmtDate(ourTemplate(template)),
      legend: { show: false },
      series: seriesOf(drawing),
      axes: axesOf(() => now().drawing, look),
      scales: { x: { time: true, auto: false }, y: { range: padded } },
      cursor: {
        sync: { key: SYNC, setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
        y: false,
        bind: {
          dblclick: () => () => {
            now().control.onZoom(null);
            return null;
          },
        },
      },
      hooks: {
        setCursor: [
          (plot) => {
            const { left } = plot.cursor;
            if (left === undefined || left < 0) now().control.onHover(null);
            else now().control.onHover(plot.posToVal(left, "x"));
          },
        ],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width <= CLICK_PX) return;
            now().control.onZoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        draw: [
          (plot) => {
            decorate(plot, now().drawing, look, now().control.locked);
          },
        ],
      },
    },
    dataOf(drawing),
    element,
  );
  made.over.addEventListener("pointerdown", (event) => {
    pressed = event.clientX;
  });
  made.over.addEventListener("pointerup", (event) => {
    const clicked = pressed !== null && Math.abs(event.clientX - pressed) <= CLICK_PX && event.detail < 2;
    pressed = null;
    if (clicked)
      now().control.onLock(made.posToVal(event.clientX - made.over.getBoundingClientRect().left, "x"));
  });
  return made;
}

function padded(_: uPlot, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const room = (max - min) * 0.08 || Math.abs(max) * 0.02 || 0.01;
  return [min - room, max + room];
}
