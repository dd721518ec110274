import { useState } from "react";
import { text } from "@text/runs";
import { Failure } from "@/components/ui/Failure";
import { Panel, Waiting } from "@/components/ui/Panel";
import { Segmented } from "@/components/ui/Segmented";
import { TimeChart, type ChartPoint } from "@/components/ui/TimeChart";
import { formatSpan, formatWhole } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { useRest } from "@/lib/rest";
import { BROWSER_ZONE, clockTime, shortDay } from "@/lib/timezone";
import { fetchTrend, type Trend as Columns } from "../api/trend";

export const TREND = "/api/scrape/trend";
const HOUR_MS = 3_600_000;
type Hours = keyof typeof text.windows;

/** How long runs took, what they changed and what failed, over a day or a week. */
export function Trend() {
  const [hours, setHours] = useState<Hours>("24");
  const { data, error, refetch } = useRest([TREND, hours], (signal) => fetchTrend(Number(hours), signal));
  const tools = (
    <>
      <Segmented
        name={text.trendName}
        value={hours}
        options={(["24", "168"] as const).map((value) => ({ value, label: text.windows[value] }))}
        onChange={setHours}
      />
      {data !== undefined && <span className="muted">{text.counted(String(data.startedAt.length))}</span>}
    </>
  );
  return (
    <Panel title={text.trend} tools={tools}>
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      {data === undefined ? (
        error === null && <Waiting lines={4} />
      ) : data.startedAt.length === 0 ? (
        <p className="nothing">{text.notYet}</p>
      ) : (
        <Charts trend={data} hours={Number(hours)} />
      )}
    </Panel>
  );
}

function Charts({ trend, hours }: { trend: Columns; hours: number }) {
  const [cursor, setCursor] = useState<number | null>(null);
  const zone = usePreferences().zone || BROWSER_ZONE;
  const points = (values: readonly number[]): ChartPoint[] =>
    trend.startedAt.map((at, index) => ({ at, value: values[index] ?? 0 }));
  const shared = {
    from: trend.now - hours * HOUR_MS,
    to: trend.now,
    cursor: cursor !== null && cursor < trend.startedAt.length ? cursor : null,
    onCursor: setCursor,
    label: (at: number) =>
      hours > 24 ? `${shortDay(at, zone)} ${clockTime(at, zone)}` : clockTime(at, zone),
  };
  return (
    <div className="trend">
      <TimeChart
        {...shared}
        name={text.duration}
        kind="line"
        points={points(trend.durationMs)}
        format={formatSpan}
      />
      <TimeChart
        {...shared}
        name={text.changes}
        kind="line"
        points={points(trend.changes)}
        format={formatWhole}
      />
      <TimeChart
        {...shared}
        name={text.errors}
        kind="bars"
        fault
        points={points(trend.failed)}
        format={formatWhole}
      />
    </div>
  );
}
