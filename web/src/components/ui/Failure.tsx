import { text } from "@text/ui";

/** What went wrong in this region and the means to try again; what was there before stays around it. */
export function Failure({ reason, onRetry }: { reason: string; onRetry: () => void }) {
  return (
    <p className="failure" role="alert">
      <span className="fault">{reason}</span>
      <button type="button" className="button" onClick={onRetry}>
        {text.retry}
      </button>
    </p>
  );
}
