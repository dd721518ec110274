import { text } from "@text/runs";
import { formatSpan } from "@/lib/format";
import { sharesOf } from "../report";

interface Props {
  durationMs: number;
  /** The longest one shown, which fills the cell. */
  longestMs: number;
  phasesMs: Readonly<Record<string, number>>;
}

/** How long a run took, divided by what its work was. */
export function DurationBar({ durationMs, longestMs, phasesMs }: Props) {
  const shares = sharesOf(phasesMs);
  const said = shares
    .map(({ part, share }) => text.partShare(text.parts[part], Math.round(share * 100)))
    .join(" · ");
  return (
    <span className="duration" title={said}>
      <span className="duration-text">{formatSpan(durationMs)}</span>
      <span className="duration-track" aria-hidden="true">
        {shares.map(({ part, share }) => (
          <i
            key={part}
            className={`part-${part}`}
            style={{ width: `${(share * 100 * durationMs) / Math.max(1, longestMs)}%` }}
          />
        ))}
      </span>
    </span>
  );
}

/** What the shades of the bars mean. */
export function PartLegend() {
  return (
    <span className="part-legend">
      {(["discover", "fetch", "read", "store"] as const).map((part) => (
        <span key={part}>
          <i className={`part-${part}`} aria-hidden="true" /> {text.parts[part]}
        </span>
      ))}
      <span className="muted">{text.partLegend}</span>
    </span>
  );
}
