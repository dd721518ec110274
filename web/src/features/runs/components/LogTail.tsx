import { useState } from "react";
import { text } from "@text/runs";
import { Failure } from "@/components/ui/Failure";
import { Panel, Waiting } from "@/components/ui/Panel";
import { Segmented } from "@/components/ui/Segmented";
import { usePreferences } from "@/lib/preferences";
import { useRest } from "@/lib/rest";
import { useMay } from "@/lib/session";
import { BROWSER_ZONE, clockTimeWithSeconds } from "@/lib/timezone";
import { fetchLogs, LEVELS, type Level, type LogLine, type LogTail as Tail } from "../api/logs";

export const LOGS = "/api/logs";
const AFTER_MS = 5000; // what follows a run's end belongs to it, as the line that reports it

/** What the process said while a run was on, or lately; newest first. */
export function LogTail({ from, to }: { from: number | null; to: number | null }) {
  const may = useMay("operator");
  const [level, setLevel] = useState<Level>("info");
  const [scope, setScope] = useState<"run" | "all">("run");
  const span = scope === "run" ? { from, to: to === null ? null : to + AFTER_MS } : { from: null, to: null };
  const { data, error, refetch } = useRest(
    [LOGS, level, span.from, span.to],
    (signal) => fetchLogs(level, span.from, span.to, signal),
    may,
  );
  const words = text.log;
  const tools = may && (
    <>
      <Segmented
        name={words.level}
        value={level}
        options={LEVELS.map((value) => ({ value, label: words.levels[value] }))}
        onChange={setLevel}
      />
      <Segmented
        name={words.scope}
        value={scope}
        options={(["run", "all"] as const).map((value) => ({ value, label: words.scopes[value] }))}
        onChange={setScope}
      />
      {data !== undefined && <span className="muted">{words.shown(data.lines.length, data.total)}</span>}
      <span className="spring" />
      <button type="button" className="button" onClick={refetch}>
        {words.refresh}
      </button>
    </>
  );
  return (
    <Panel title={words.title} tools={tools}>
      {!may && <p className="nothing">{words.mayNot}</p>}
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      {may && (data === undefined ? error === null && <Waiting /> : <Lines tail={data} />)}
    </Panel>
  );
}

function Lines({ tail }: { tail: Tail }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  if (tail.lines.length === 0) return <p className="nothing">{text.log.none}</p>;
  return (
    <div className="log" role="region" aria-label={text.log.name} tabIndex={0}>
      <ol>
        {tail.lines.toReversed().map((line) => (
          <li key={line.number} className={line.level}>
            <time dateTime={new Date(line.at).toISOString()}>{clockTimeWithSeconds(line.at, zone)}</time>
            <span className="level">{line.level}</span>
            <span className="event">{line.event}</span>
            <span className="log-fields">{fieldsOf(line)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function fieldsOf(line: LogLine): string {
  return Object.entries(line.fields)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
