import { text } from "@text/shell";
import { Popover } from "@/components/ui/Popover";
import { formatAge, formatCountdown, formatWhole } from "@/lib/format";
import { progressOf, type ActiveRun } from "@/lib/store/statusStore";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useRuns } from "@/lib/store/useStatus";
import { useNow } from "@/lib/useNow";
import type { RunWire } from "@/types/wire";
import { RunNow } from "./RunNow";

/** The run that is on, or when the next one is due; its menu starts one. */
export function RunClock() {
  useNow();
  const store = useOddsStore();
  const { active, last, nextAt } = useRuns();
  return (
    <Popover
      label={<ClockFace {...{ active, last, nextAt }} now={store.now()} />}
      name={text.run.name}
      className="status-chip clock"
      align="end"
    >
      {() => (
        <div className="run-menu">
          {active !== null && <Progress run={active} />}
          {active === null && last !== null && <LastRun run={last} now={store.now()} />}
          {active === null && last === null && <p>{text.run.noneFinished}</p>}
          <RunNow label={text.run.scrapeNow} />
        </div>
      )}
    </Popover>
  );
}

function ClockFace(props: {
  active: ActiveRun | null;
  last: RunWire | null;
  nextAt: number | null;
  now: number;
}) {
  const { active, last, nextAt, now } = props;
  if (active !== null) {
    const progress = progressOf(active);
    return (
      <>
        <i className="busy" aria-hidden="true">
          ↻
        </i>
        {progress === null ? text.run.starting : text.run.share(Math.floor(progress.share * 100))}
      </>
    );
  }
  const finished = last?.finished_at == null ? null : Date.parse(last.finished_at);
  const words =
    nextAt !== null && nextAt > now
      ? text.run.next(formatCountdown(nextAt - now))
      : finished === null
        ? text.run.none
        : text.run.ago(formatAge(now - finished));
  return (
    <>
      <i aria-hidden="true">↻</i>
      {words}
    </>
  );
}

function Progress({ run }: { run: ActiveRun }) {
  const layout = useLayout();
  const progress = progressOf(run);
  const eta = run.overall?.eta_s ?? null;
  return (
    <>
      <p>
        {run.overall?.phase ?? text.run.phaseStarting}
        {progress !== null && text.run.events(formatWhole(progress.current), formatWhole(progress.total))}
        {eta !== null && text.run.toGo(formatAge(eta * 1000))}
      </p>
      {Object.values(run.byBookmaker).map((row) => (
        <div key={row.bookmaker} className="run-row">
          <span>{layout.bookmakers.find(({ code }) => code === row.bookmaker)?.name ?? row.bookmaker}</span>
          <progress
            aria-label={row.bookmaker}
            max={Math.max(1, row.total)}
            value={Math.min(row.current, Math.max(1, row.total))}
          />
          <span className="run-counts">
            {formatWhole(row.current)}/{formatWhole(row.total)}
            {row.errors > 0 && <span className="fault">{text.run.failed(row.errors)}</span>}
          </span>
        </div>
      ))}
    </>
  );
}

function LastRun({ run, now }: { run: RunWire; now: number }) {
  const finished = run.finished_at === null ? null : Date.parse(run.finished_at);
  const started = run.started_at === null ? null : Date.parse(run.started_at);
  return (
    <p>
      {text.run.last(run.status.replace("_", " "))}
      {finished !== null && text.run.agoOf(formatAge(now - finished))}
      {finished !== null && started !== null && text.run.after(formatAge(finished - started))}
      <br />
      {text.run.fetched(formatWhole(run.events.ok), formatWhole(run.events.total), formatWhole(run.changes))}
      {run.reason !== "" && (
        <>
          <br />
          <span className="fault">{run.reason}</span>
        </>
      )}
    </p>
  );
}
