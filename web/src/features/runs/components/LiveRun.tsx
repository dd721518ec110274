import type { ReactNode } from "react";
import { Link } from "wouter";
import { text } from "@text/runs";
import { Panel } from "@/components/ui/Panel";
import { formatAge, formatSize, formatWhole } from "@/lib/format";
import { useWebSocketScrapeProgress, type ScrapeProgress } from "@/lib/live/useWebSocketScrapeProgress";
import { usePreferences } from "@/lib/preferences";
import { useRest } from "@/lib/rest";
import { shortId } from "@/lib/runId";
import { useOddsStore } from "@/lib/store/useOdds";
import { useRuns } from "@/lib/store/useStatus";
import { BROWSER_ZONE, clockTime } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import { fetchHealth, type PipelineHealth } from "../api/health";
import { fetchActiveRun } from "../api/run";
import type { RunReport } from "../report";

export const ACTIVE = "/api/scrape/runs/active";
export const HEALTH = "/api/health";

/** The run that is on, step by step, and how what it finds is written. */
export function LiveRun({ runNow }: { runNow: ReactNode }) {
  const progress = useWebSocketScrapeProgress();
  const { last, known } = useRuns();
  const report = useRest([ACTIVE], fetchActiveRun, progress !== null).data ?? null;
  const health = useRest([HEALTH], fetchHealth).data;
  return (
    <Panel title={text.now}>
      <div className="panel-body live-run">
        {progress !== null ? (
          <Steps progress={progress} report={report?.run_id === progress.run.runId ? report : null} />
        ) : (
          <p>
            {text.nothingOn} {known && last === null && <strong>{text.firstRun}</strong>}
          </p>
        )}
        {progress === null && known && last === null && runNow}
        {health !== undefined && <Pipeline health={health} report={progress === null ? null : report} />}
      </div>
    </Panel>
  );
}

function Steps({ progress, report }: { progress: ScrapeProgress; report: RunReport | null }) {
  useNow();
  const now = useOddsStore().now();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const { run, startedAt, share, current, total, etaS, pushed } = progress;
  return (
    <>
      <p>
        <Link href={`/runs/${run.runId}`}>
          {text.run(startedAt === null ? "" : clockTime(startedAt, zone), shortId(run.runId))}
        </Link>
        {share !== null && <strong> · {text.share(Math.floor(share * 100))}</strong>}
        {total > 0 && <> · {text.ofEvents(formatWhole(current), formatWhole(total))}</>}
        {startedAt !== null && <> · {formatAge(now - startedAt)}</>}
        {etaS !== null && <> · {text.eta(formatAge(etaS * 1000))}</>}
        <span className="muted"> · {text.phase(run.overall?.phase ?? text.starting)}</span>
        {report?.stalled === true && report.silentS !== null && (
          <span className="fault"> · ▲ {text.silent(formatAge(report.silentS * 1000))}</span>
        )}
        {!pushed && <span className="muted"> · {text.polled}</span>}
      </p>
      <progress aria-label={text.now} max={1} {...(share === null ? {} : { value: share })} />
    </>
  );
}

function Pipeline({ health, report }: { health: PipelineHealth; report: RunReport | null }) {
  const { queue, spoolBytes, spoolFull, reasons } = health;
  const words = text.queue;
  const parts: string[] = [];
  if (report !== null)
    parts.push(words.changed(formatWhole(report.changes), formatWhole(report.events.unchanged)));
  if (queue !== null) {
    parts.unshift(words.depth(queue.depth, queue.capacity));
    if (queue.lag > 0) parts.push(words.lag(formatWhole(queue.lag)));
    parts.push(words.last(queue.lastWriteMs.toFixed(0)), words.written(formatWhole(queue.written)));
  }
  parts.push(words.spool(formatSize(spoolBytes)));
  return (
    <>
      <p className="muted">
        {queue === null && <span className="fault">{words.missing} · </span>}
        {parts.join(" · ")}
        {queue !== null && queue.dead > 0 && (
          <span className="fault"> · {words.dead(formatWhole(queue.dead))}</span>
        )}
        {spoolFull && <span className="fault"> · {words.full}</span>}
      </p>
      {[...reasons, queue?.lastError ?? ""].filter(Boolean).map((reason) => (
        <p key={reason} className="fault">
          ▲ {reason}
        </p>
      ))}
    </>
  );
}
