import { useEffect } from "react";
import { useLink, useRuns, useSettingsRevision, useStatusStore } from "@/lib/store/useStatus";
import { fetchNextRun, fetchRuns } from "../api/runs";

/** Ask for the last run and the next one's time: with each new link, after each run, and when settings change. */
export function useRunFacts(): void {
  const status = useStatusStore();
  const live = useLink().state === "live";
  const lastId = useRuns().last?.run_id;
  const settings = useSettingsRevision();
  useEffect(() => {
    if (!live) return;
    let wanted = true;
    void fetchRuns().then(
      (runs) => {
        if (!wanted) return;
        const finished = runs.find((run) => run.finished_at !== null);
        const active = runs.find((run) => run.status === "running");
        status.setRuns({
          known: true,
          ...(finished && { last: finished }),
          ...(!active && { active: null }),
        });
        if (active !== undefined) status.runStarted(active.run_id);
      },
      () => undefined, // the pushed progress still tells what a run does
    );
    void fetchNextRun().then(
      (nextAt) => {
        if (wanted) status.setRuns({ nextAt });
      },
      () => undefined, // without the time the clock shows the last run instead
    );
    return () => {
      wanted = false;
    };
  }, [status, live, lastId, settings]);
}
