import { memo } from "react";
import { PriceFace, priceClass } from "@/components/odds/PriceFace";
import { useCell } from "@/lib/store/useOdds";

interface Props {
  eventId: string;
  bookmaker: number;
  column: number;
  outcome: number;
  withGap: boolean;
}

/** One price of the event, as the Board shows it; renders when its own key changes. */
export const MarketCell = memo(function MarketCell({ eventId, bookmaker, column, outcome, withGap }: Props) {
  const view = useCell(eventId, bookmaker, column, outcome);
  return (
    <td className={priceClass(view, outcome === 0)} data-cell={`${bookmaker}/${column}/${outcome}`}>
      <PriceFace view={view} of={{ eventId, bookmaker, column }} withGap={withGap} />
    </td>
  );
});
