import { Link } from "wouter";
import { text } from "@text/runs";
import { Failure } from "@/components/ui/Failure";
import { Panel, Waiting } from "@/components/ui/Panel";
import { formatWhole } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { shortId } from "@/lib/runId";
import { BROWSER_ZONE, clockTimeWithSeconds, shortDay } from "@/lib/timezone";
import { stateOf, type RunReport } from "../report";
import { DurationBar, PartLegend } from "./DurationBar";
import { PartChip, StateSign } from "./Signs";

interface Props {
  runs: readonly RunReport[] | undefined;
  /** A bookmaker's code, "" for all. */
  only: string;
  failure: string;
  onRetry: () => void;
  /** Null when all there is is shown. */
  onMore: (() => void) | null;
}

/** Runs, newest first. */
export function History({ runs, only, failure, onRetry, onMore }: Props) {
  return (
    <Panel title={text.history} tools={<PartLegend />}>
      {failure !== "" && <Failure reason={failure} onRetry={onRetry} />}
      {runs === undefined ? failure === "" && <Waiting lines={6} /> : <Table runs={runs} only={only} />}
      {onMore !== null && (
        <div className="panel-body">
          <button type="button" className="button" onClick={onMore}>
            {text.more}
          </button>
        </div>
      )}
    </Panel>
  );
}

function Table({ runs, only }: { runs: readonly RunReport[]; only: string }) {
  const { columns } = text;
  const longest = Math.max(...runs.map(({ durationMs }) => durationMs), 1);
  if (runs.length === 0) return <p className="nothing">{text.firstRun}</p>;
  return (
    <div className="scroll-x">
      <table className="data">
        <thead>
          <tr>
            <th scope="col">{columns.started}</th>
            <th scope="col">{columns.status}</th>
            <th scope="col">{columns.trigger}</th>
            <th scope="col">{columns.duration}</th>
            <th scope="col" className="end">
              {columns.events}
            </th>
            <th scope="col" className="end">
              {columns.changed}
            </th>
            <th scope="col" className="end">
              {columns.failed}
            </th>
            <th scope="col" className="wide">
              {columns.bookmakers}
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.run_id} run={run} longest={longest} only={only} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ run, longest, only }: { run: RunReport; longest: number; only: string }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const at = run.started_at === null ? null : Date.parse(run.started_at);
  const parts = run.bookmakers.filter(({ bookmaker }) => only === "" || bookmaker === only);
  const counted = only === "" ? run.events : (parts[0] ?? { ok: 0, failed: 0, total: 0 });
  const isOn = run.finished_at === null;
  return (
    <tr>
      <th scope="row">
        <Link href={`/runs/${run.run_id}`}>
          {at === null ? "" : `${shortDay(at, zone)} ${clockTimeWithSeconds(at, zone)}`}
          <span className="run-id"> ·{shortId(run.run_id)}</span>
        </Link>
      </th>
      <td title={run.reason || undefined}>
        <StateSign state={stateOf(run.status, run.stalled)} />
      </td>
      <td>{text.triggers[run.trigger] ?? run.trigger}</td>
      <td>
        {!isOn && <DurationBar durationMs={run.durationMs} longestMs={longest} phasesMs={run.phasesMs} />}
      </td>
      <td className="end">
        {formatWhole(counted.ok)}/{formatWhole(counted.total)}
      </td>
      <td className="end">{formatWhole(run.changes)}</td>
      <td className={counted.failed > 0 ? "end fault" : "end"}>{formatWhole(counted.failed)}</td>
      <td className="wide">
        {parts.map((part) => (
          <PartChip key={part.bookmaker} part={part} />
        ))}
      </td>
    </tr>
  );
}
