import { useEffect, useRef } from "react";
import { askAgain } from "@/lib/rest";
import { useLink, useRuns, useSettingsRevision, useSources } from "@/lib/store/useStatus";

const BEAT_MS = 2000;

/**
 * Ask again for what a page shows of runs whenever something about them is pushed; nothing is asked while nothing
 * happens.
 *
 * @param steps Keys of what every step of a run changes: asked for at most every 2 s, and with the others.
 * @param ends Keys of what changes when a run begins or ends, a bookmaker's state, settings or the link change.
 */
export function useRunBeat(steps: readonly string[], ends: readonly string[]): void {
  const live = useLink().state === "live";
  const { active, last } = useRuns();
  const sources = Object.values(useSources())
    .map(({ bookmaker, state, reason }) => `${bookmaker} ${state} ${reason}`)
    .join();
  const moment = [live, active?.runId, last?.run_id, sources, useSettingsRevision()].join();
  const seen = useRef(moment);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const stepKeys = steps.join(" ");
  const endKeys = ends.join(" ");
  useEffect(() => {
    if (seen.current === moment) return;
    seen.current = moment;
    for (const key of `${stepKeys} ${endKeys}`.split(" ")) askAgain(key);
  }, [moment, stepKeys, endKeys]);
  useEffect(() => {
    if (active === null || timer.current !== null) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      for (const key of stepKeys.split(" ")) askAgain(key);
    }, BEAT_MS);
  }, [stepKeys, active]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
}
