import { memo, use } from "react";
import { text } from "@text/board";
import { formatGap, formatOdds } from "@/lib/format";
import { OddsFormatContext } from "@/lib/oddsFormat";
import { useCell } from "@/lib/store/useOdds";
import type { CellView } from "@/lib/store/views";

interface Props {
  eventId: string;
  bookmaker: number;
  column: number;
  outcome: number;
  /** Place in the row, from 1. */
  place: number;
  focused: boolean;
}

/** One price with its gap and truth state; renders when its own key changes and for nothing else. */
export const PriceCell = memo(function PriceCell({
  eventId,
  bookmaker,
  column,
  outcome,
  place,
  focused,
}: Props) {
  const view = useCell(eventId, bookmaker, column, outcome);
  return (
    <div
      role="gridcell"
      aria-colindex={place}
      className={classOf(view, outcome === 0)}
      tabIndex={focused ? 0 : -1}
      data-cell={`${bookmaker}/${column}/${outcome}`}
    >
      {view.gap !== null && <span className="gap">{formatGap(view.gap)}</span>}
      {view.arrow !== null && (
        <span className={view.arrowMuted ? "arrow old" : "arrow"} data-direction={view.arrow}>
          {view.arrow === "up" ? "▲" : "▼"}
        </span>
      )}
      <Price view={view} />
    </div>
  );
});

function Price({ view }: { view: CellView }) {
  const format = use(OddsFormatContext);
  if (view.state === "waiting")
    return (
      <span className="waiting">
        <span className="visually-hidden">{text.noDataYet}</span>
      </span>
    );
  if (view.state === "absent" || view.odds === null) return <span className="absent">–</span>;
  const price = formatOdds(view.odds, format);
  if (view.state !== "open")
    return (
      <s className="odds">
        {price}
        <span className="visually-hidden"> {text[view.state]}</span>
      </s>
    );
  return <span className="odds">{price}</span>;
}

function classOf(view: CellView, first: boolean): string {
  let name = first ? "cell price first" : "cell price";
  if (view.band !== 0) name += view.band > 0 ? ` above-${view.band}` : ` below-${-view.band}`;
  if (view.stale) name += " stale";
  if (view.state === "suspended" || view.state === "withdrawn") name += ` ${view.state}`;
  if (view.suspect) name += " suspect";
  if (view.best) name += " best";
  if (view.flash !== null) name += ` flash-${view.flash}`;
  return name;
}
