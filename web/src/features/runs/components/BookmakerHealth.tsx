import { text } from "@text/runs";
import { Panel } from "@/components/ui/Panel";
import { seriesOf } from "@/lib/bookmakers";
import { formatAge, formatSpan, formatWhole } from "@/lib/format";
import { useWebSocketScrapeProgress } from "@/lib/live/useWebSocketScrapeProgress";
import { usePreferences } from "@/lib/preferences";
import { useRest } from "@/lib/rest";
import type { Bookmaker } from "@/lib/store/layout";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useRuns, useSources } from "@/lib/store/useStatus";
import { BROWSER_ZONE, fullTime } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import type { SourceState } from "@/types/wire";
import { fetchHealth, type LimiterState } from "../api/health";
import { fetchActiveRun } from "../api/run";
import type { RunReport } from "../report";
import { ACTIVE, HEALTH } from "./LiveRun";

const SIGNS: Readonly<Record<SourceState, readonly [string, string]>> = {
  up: ["●", "ok"],
  lagging: ["■", "warn"],
  recovering: ["■", "warn"],
  refused: ["▲", "fault"],
  down: ["▲", "fault"],
  off: ["○", "quiet"],
};

/** Every bookmaker: whether it answers, how fast, and how far the run is there. */
export function BookmakerHealth({ only, newest }: { only: string; newest: RunReport | undefined }) {
  const { bookmakers } = useLayout();
  const columns = text.healthColumns;
  return (
    <Panel title={text.health}>
      <div className="scroll-x">
        <table className="data health">
          <thead>
            <tr>
              <th scope="col">{columns.bookmaker}</th>
              <th scope="col">{columns.state}</th>
              <th scope="col">{columns.newest}</th>
              <th scope="col">{columns.progress}</th>
              <th scope="col">{columns.inFlight}</th>
              <th scope="col" className="end">
                {columns.median}
              </th>
              <th scope="col" className="end">
                {columns.slow}
              </th>
              <th scope="col" className="wide">
                {columns.errors}
              </th>
            </tr>
          </thead>
          <tbody>
            {bookmakers.map(
              (bookmaker, index) =>
                (only === "" || only === bookmaker.code) && (
                  <Row key={bookmaker.code} bookmaker={bookmaker} index={index} newest={newest} />
                ),
            )}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Row(props: { bookmaker: Bookmaker; index: number; newest: RunReport | undefined }) {
  const { bookmaker, index, newest } = props;
  useNow();
  const store = useOddsStore();
  const { last } = useRuns();
  const on = useWebSocketScrapeProgress();
  const active = useRest([ACTIVE], fetchActiveRun, on !== null).data ?? null;
  const limiter = useRest([HEALTH], fetchHealth).data?.limiters[bookmaker.code];
  const progress = on?.run.byBookmaker[bookmaker.code];
  const report = on !== null && active !== null ? active : newest;
  const part =
    report?.bookmakers.find((row) => row.bookmaker === bookmaker.code && row.p50_ms > 0) ??
    last?.bookmakers.find((row) => row.bookmaker === bookmaker.code);
  const errors = report?.errors.filter((error) => error.bookmaker === bookmaker.code) ?? [];
  const at = store.latestConfirmation(index);
  return (
    <tr>
      <th scope="row">
        <i className={`series series-${seriesOf(bookmaker.code)}`} aria-hidden="true" /> {bookmaker.name}
      </th>
      <td>
        <Source code={bookmaker.code} />
      </td>
      <td className={at !== null && store.now() - at > store.staleAfterMs ? "stale" : ""}>
        {at === null ? text.none : text.ago(formatAge(store.now() - at))}
      </td>
      <td>
        {progress !== undefined && (
          <span className="step">
            <progress
              aria-label={text.progressOf(bookmaker.name)}
              max={Math.max(1, progress.total)}
              value={Math.min(progress.current, Math.max(1, progress.total))}
            />
            {formatWhole(progress.current)}/{formatWhole(progress.total)}
          </span>
        )}
      </td>
      <td>
        <Limiter limiter={limiter} inFlight={progress?.in_flight} />
      </td>
      <td className="end">{part === undefined || part.p50_ms === 0 ? "–" : formatSpan(part.p50_ms)}</td>
      <td className="end">{part === undefined || part.p95_ms === 0 ? "–" : formatSpan(part.p95_ms)}</td>
      <td className="wide">
        {errors.map(({ kind, count, sample }) => (
          <span key={kind} className="fault error-count" title={sample}>
            {kind} ×{formatWhole(count)}
          </span>
        ))}
      </td>
    </tr>
  );
}

function Source({ code }: { code: string }) {
  const source = useSources()[code];
  const zone = usePreferences().zone || BROWSER_ZONE;
  if (source === undefined) return <span className="muted">{text.states.unknown}</span>;
  const [sign, tone] = SIGNS[source.state];
  const since = source.since === null ? "" : fullTime(Date.parse(source.since), zone);
  return (
    <span title={`${text.healthColumns.since} ${since}`}>
      <i className={`sign ${tone}`} aria-hidden="true">
        {sign}
      </i>{" "}
      {text.states[source.state]}
      {source.reason !== "" && <span className="muted"> · {source.reason}</span>}
    </span>
  );
}

function Limiter({ limiter, inFlight }: { limiter: LimiterState | undefined; inFlight: number | undefined }) {
  if (limiter === undefined) return null;
  const { ceiling, limit, closedS } = limiter;
  return (
    <>
      {inFlight ?? limiter.inFlight}/{limit}
      {ceiling < limit && <span className="fault"> · {text.slowed(ceiling)}</span>}
      {closedS > 0 && <span className="fault"> · {text.closed(closedS)}</span>}
    </>
  );
}
