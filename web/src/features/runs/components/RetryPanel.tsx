import { useState } from "react";
import { useLocation } from "wouter";
import { text } from "@text/runs";
import { Panel } from "@/components/ui/Panel";
import { formatWhole } from "@/lib/format";
import { messageOf } from "@/lib/http";
import { useMay } from "@/lib/session";
import { bookmakerName } from "@/lib/store/layout";
import { useLayout } from "@/lib/store/useOdds";
import { useRuns, useStatusStore } from "@/lib/store/useStatus";
import { retryRun } from "../api/retryRun";
import type { RunReport } from "../report";

/** Do again what failed in a run, at the bookmakers that are chosen. */
export function RetryPanel({ run }: { run: RunReport }) {
  const { bookmakers } = useLayout();
  const status = useStatusStore();
  const isOn = useRuns().active !== null;
  const may = useMay("operator");
  const [, go] = useLocation();
  const failing = run.bookmakers.filter(({ failed, status }) => failed > 0 || status !== "ok");
  const [chosen, setChosen] = useState<readonly string[]>(() => failing.map(({ bookmaker }) => bookmaker));
  const [onlyFailed, setOnlyFailed] = useState(failing.length > 0);
  const [state, setState] = useState({ asking: false, refusal: "" });
  const retry = async () => {
    setState({ asking: true, refusal: "" });
    try {
      const id = await retryRun(run.run_id, chosen, onlyFailed);
      status.runStarted(id);
      go(`/runs/${id}`);
    } catch (error) {
      setState({ asking: false, refusal: text.retry.refused(messageOf(error)) });
    }
  };
  const words = text.retry;
  return (
    <Panel title={words.title}>
      <div className="panel-body">
        {failing.length === 0 && <p className="muted">{words.nothing}</p>}
        <div className="retry">
          <fieldset>
            <legend>{words.which}</legend>
            {run.bookmakers.map(({ bookmaker, failed }) => (
              <label key={bookmaker} className="check">
                <input
                  type="checkbox"
                  checked={chosen.includes(bookmaker)}
                  onChange={({ target }) =>
                    setChosen(
                      target.checked ? [...chosen, bookmaker] : chosen.filter((each) => each !== bookmaker),
                    )
                  }
                />
                {words.failedAt(bookmakerName(bookmakers, bookmaker), formatWhole(failed))}
              </label>
            ))}
          </fieldset>
          <label className="check">
            <input
              type="checkbox"
              checked={onlyFailed}
              onChange={({ target }) => setOnlyFailed(target.checked)}
            />
            {words.only}
          </label>
          <button
            type="button"
            className="button primary"
            disabled={isOn || state.asking || chosen.length === 0 || !may}
            title={may ? undefined : text.mayNot("operator")}
            onClick={() => void retry()}
          >
            {isOn ? words.on : words.go}
          </button>
        </div>
        {state.refusal !== "" && (
          <p className="fault" role="alert">
            {state.refusal}
          </p>
        )}
      </div>
    </Panel>
  );
}
