import { useState, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { text } from "@text/runs";
import { Desk } from "@/components/ui/Panel";
import { useRest } from "@/lib/rest";
import { bookmakerName } from "@/lib/store/layout";
import { useLayout } from "@/lib/store/useOdds";
import { fetchRuns } from "../api/runs";
import { useRunBeat } from "../hooks/useRunBeat";
import { BookmakerHealth } from "./BookmakerHealth";
import { History } from "./History";
import { ACTIVE, HEALTH, LiveRun } from "./LiveRun";
import { SCHEDULE, ScheduleTools } from "./ScheduleTools";
import { Trend, TREND } from "./Trend";
import "./Runs.css";

const RUNS = "/api/scrape/runs";
const PAGE = 30;
const MOST = 500;

/** The operator's dashboard: what runs, who answers, how it went. `?book=` looks at one bookmaker alone. */
export function Runs({ runNow }: { runNow: ReactNode }) {
  useRunBeat([ACTIVE, HEALTH], [RUNS, TREND, SCHEDULE]);
  const [limit, setLimit] = useState(PAGE);
  const { data, error, refetch } = useRest([RUNS, limit], (signal) => fetchRuns(limit, signal));
  const only = new URLSearchParams(useSearch()).get("book") ?? "";
  const [, go] = useLocation();
  const { bookmakers } = useLayout();
  const name = bookmakerName(bookmakers, only);
  const tools = (
    <>
      {only !== "" && (
        <button type="button" className="chip" aria-label={text.removeBook(name)} onClick={() => go("/runs")}>
          {text.onlyBook(name)} <span aria-hidden="true">✕</span>
        </button>
      )}
      <ScheduleTools />
      {runNow}
    </>
  );
  return (
    <Desk title={text.title} tools={tools}>
      <LiveRun runNow={runNow} />
      <BookmakerHealth only={only} newest={data?.find((run) => run.finished_at !== null)} />
      <Trend />
      <History
        runs={data}
        only={only}
        failure={error?.message ?? ""}
        onRetry={refetch}
        onMore={data !== undefined && data.length >= limit && limit < MOST ? () => setLimit(nextLimit) : null}
      />
    </Desk>
  );
}

function nextLimit(limit: number): number {
  return Math.min(MOST, limit * 3);
}
