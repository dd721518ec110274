import { memo } from "react";
import { formatMargin } from "@/lib/format";
import { useMargin } from "@/lib/store/useOdds";

interface Props {
  eventId: string;
  bookmaker: number;
  column: number;
  place: number;
  focused: boolean;
}

/** A market's margin in percent. */
export const MarginCell = memo(function MarginCell({ eventId, bookmaker, column, place, focused }: Props) {
  const view = useMargin(eventId, bookmaker, column);
  const margin = view?.margin ?? null;
  return (
    <div
      role="gridcell"
      aria-colindex={place}
      className={view?.stale === true ? "cell margin stale" : "cell margin"}
      tabIndex={focused ? 0 : -1}
    >
      {margin === null ? "–" : formatMargin(margin)}
    </div>
  );
});
