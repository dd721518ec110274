import { useState } from "react";
import { text } from "@text/runs";
import { formatCountdown } from "@/lib/format";
import { messageOf } from "@/lib/http";
import { usePreferences } from "@/lib/preferences";
import { putRest, useRest } from "@/lib/rest";
import { useMay } from "@/lib/session";
import { useOddsStore } from "@/lib/store/useOdds";
import { useStatusStore } from "@/lib/store/useStatus";
import { BROWSER_ZONE, clockTime } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import { fetchSchedule, setPaused, type Schedule } from "../api/scheduler";

export const SCHEDULE = "/api/scheduler";

/** When the next run is due, and the means to hold runs back. */
export function ScheduleTools() {
  const { data, error } = useRest([SCHEDULE], fetchSchedule);
  const status = useStatusStore();
  const may = useMay("operator");
  const [state, setState] = useState({ asking: false, refusal: "" });
  const change = async (paused: boolean) => {
    setState({ asking: true, refusal: "" });
    try {
      const schedule = await setPaused(paused);
      putRest([SCHEDULE], schedule);
      status.setRuns({ nextAt: schedule.nextRunAt });
      setState({ asking: false, refusal: "" });
    } catch (error) {
      setState({ asking: false, refusal: text.schedule.failed(messageOf(error)) });
    }
  };
  if (data === undefined)
    return error === null ? null : (
      <span className="fault" role="alert">
        {error.message}
      </span>
    );
  return (
    <>
      <ScheduleWords schedule={data} />
      {state.refusal !== "" && (
        <span className="fault" role="alert">
          {state.refusal}
        </span>
      )}
      <span className="spring" />
      {data.scheduled && (
        <button
          type="button"
          className="button"
          disabled={state.asking || !may}
          title={may ? undefined : text.mayNot("operator")}
          onClick={() => void change(!data.paused)}
        >
          {data.paused ? text.schedule.resume : text.schedule.pause}
        </button>
      )}
    </>
  );
}

function ScheduleWords({ schedule }: { schedule: Schedule }) {
  useNow();
  const now = useOddsStore().now();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const { nextRunAt, intervalMinutes, connectionLostSince } = schedule;
  const words = text.schedule;
  return (
    <>
      {connectionLostSince !== null && (
        <span className="fault">▲ {words.lost(clockTime(connectionLostSince, zone))}</span>
      )}
      {!schedule.scheduled ? (
        <span className="muted">{words.off}</span>
      ) : schedule.paused ? (
        <span className="paused">❚❚ {words.paused}</span>
      ) : (
        <span className="muted">
          {nextRunAt === null
            ? words.running(intervalMinutes)
            : nextRunAt > now
              ? words.next(formatCountdown(nextRunAt - now), intervalMinutes)
              : words.due(intervalMinutes)}
        </span>
      )}
    </>
  );
}
