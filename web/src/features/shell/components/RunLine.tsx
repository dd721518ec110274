import { text } from "@text/shell";
import { progressOf } from "@/lib/store/statusStore";
import { useRuns } from "@/lib/store/useStatus";

/** Two pixels under the header that fill while a run is on. */
export function RunLine() {
  const { active } = useRuns();
  if (active === null) return null;
  const share = progressOf(active)?.share ?? 0;
  return (
    <div
      className="run-line"
      role="progressbar"
      aria-label={text.run.name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  );
}
