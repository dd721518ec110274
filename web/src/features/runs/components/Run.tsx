import type { ReactNode } from "react";
import { Link, useParams } from "wouter";
import { text } from "@text/runs";
import { Failure } from "@/components/ui/Failure";
import { Desk, Waiting } from "@/components/ui/Panel";
import { formatAge, formatSpan, formatWhole } from "@/lib/format";
import { HttpError } from "@/lib/http";
import { usePreferences } from "@/lib/preferences";
import { useRest } from "@/lib/rest";
import { shortId } from "@/lib/runId";
import { BROWSER_ZONE, clockTime, fullTime } from "@/lib/timezone";
import { fetchRun } from "../api/run";
import { useRunBeat } from "../hooks/useRunBeat";
import { stateOf, type RunReport } from "../report";
import { LOGS, LogTail } from "./LogTail";
import { RetryPanel } from "./RetryPanel";
import { FAILURES, RunBooks, RunErrors, RunFailures } from "./RunTables";
import { StateSign } from "./Signs";
import { Waterfall } from "./Waterfall";
import "./Runs.css";

const RUN = "/api/scrape/runs/{id}";
const NONE: readonly string[] = [];

/** One run: what it did, where its time went, what failed, and what the process said meanwhile. */
export function Run() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useRest([RUN, id], (signal) => fetchRun(id, signal));
  const isOn = data === undefined || data.finished_at === null;
  useRunBeat(isOn ? [RUN, LOGS] : NONE, isOn ? [RUN, FAILURES] : NONE);
  const zone = usePreferences().zone || BROWSER_ZONE;
  if (error instanceof HttpError && error.status === 404) return <Missing id={id} />;
  const start = data?.started_at == null ? "" : clockTime(Date.parse(data.started_at), zone);
  return (
    <Desk title={text.run(start, shortId(id))} tools={<Link href="/runs">{text.back}</Link>}>
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      {data === undefined ? (
        error === null && <Waiting lines={8} />
      ) : (
        <>
          <Facts run={data} />
          <div className="panels">
            <Waterfall phasesMs={data.phasesMs} />
            <div>
              <RunBooks run={data} />
              <RunErrors run={data} />
              {!isOn && <RetryPanel run={data} />}
            </div>
          </div>
          <RunFailures run={data} />
          <LogTail
            from={data.started_at === null ? null : Date.parse(data.started_at)}
            to={data.finished_at === null ? null : Date.parse(data.finished_at)}
          />
        </>
      )}
    </Desk>
  );
}

function Missing({ id }: { id: string }) {
  return (
    <main className="not-found">
      <h1>{text.missing(id)}</h1>
      <p>{text.missingWhy}</p>
      <p>
        <Link href="/runs">{text.back}</Link>
      </p>
    </main>
  );
}

function Facts({ run }: { run: RunReport }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const { facts } = text;
  const { ok, unchanged, failed, late, total } = run.events;
  const isOn = run.finished_at === null;
  return (
    <dl className="run-facts">
      <Fact name={facts.status}>
        <StateSign state={stateOf(run.status, run.stalled)} />
        {run.stalled && run.silentS !== null && ` · ${text.silent(formatAge(run.silentS * 1000))}`}
        {run.reason !== "" && <span className="fault"> · {run.reason}</span>}
      </Fact>
      <Fact name={facts.trigger}>{text.triggers[run.trigger] ?? run.trigger}</Fact>
      <Fact name={facts.started}>
        {run.started_at !== null && fullTime(Date.parse(run.started_at), zone)}
      </Fact>
      <Fact name={facts.took}>{isOn ? facts.soFar : formatSpan(run.durationMs)}</Fact>
      <Fact name={facts.fetches}>
        {facts.fetchesOf(formatWhole(ok), formatWhole(unchanged), formatWhole(total))}
      </Fact>
      <Fact name={facts.failures}>
        <span className={failed > 0 ? "fault" : ""}>
          {facts.failedOf(formatWhole(failed), formatWhole(late))}
        </span>
      </Fact>
      <Fact name={facts.matched}>{facts.matchedOf(formatWhole(run.matched))}</Fact>
      <Fact name={facts.changes}>{facts.changesOf(formatWhole(run.changes))}</Fact>
      <Fact name={facts.id}>
        <code>{run.run_id}</code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
