import { useState } from "react";
import { text } from "@text/shell";
import { useRuns, useStatusStore } from "@/lib/store/useStatus";
import { startRun } from "../api/runs";

/** Starts a run; while one is on it says so, and a refusal is said where it was asked for. */
export function RunNow({ label }: { label: string }) {
  const status = useStatusStore();
  const running = useRuns().active !== null;
  const [state, setState] = useState<{ asking: boolean; refusal: string }>({ asking: false, refusal: "" });
  const start = async () => {
    setState({ asking: true, refusal: "" });
    try {
      status.runStarted(await startRun());
      setState({ asking: false, refusal: "" });
    } catch (error) {
      setState({ asking: false, refusal: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <div className="run-now">
      <button
        type="button"
        className="button primary"
        disabled={running || state.asking}
        onClick={() => void start()}
      >
        {running ? text.run.on : label}
      </button>
      {state.refusal !== "" && (
        <p className="fault" role="alert">
          {text.run.notStarted(state.refusal)}
        </p>
      )}
    </div>
  );
}
