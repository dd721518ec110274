import { memo } from "react";
import { PriceFace, priceClass } from "@/components/odds/PriceFace";
import { useCell } from "@/lib/store/useOdds";

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
      className={priceClass(view, outcome === 0)}
      tabIndex={focused ? 0 : -1}
      data-cell={`${bookmaker}/${column}/${outcome}`}
    >
      <PriceFace view={view} of={{ eventId, bookmaker, column }} />
    </div>
  );
});
