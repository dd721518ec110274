import { useRef } from "react";
import { text } from "@text/event";
import { CellTip } from "@/components/odds/CellTip";
import { formatAge, formatMargin } from "@/lib/format";
import { confirmedAtOf } from "@/lib/store/records";
import { useLayout, useMargin, useOddsStore, usePresences } from "@/lib/store/useOdds";
import { useNow } from "@/lib/useNow";
import { MarketCell } from "./MarketCell";
import { nameOf } from "./MarketHistory";

interface Props {
  eventId: string;
  /** Index of the market. */
  column: number;
  zone: string;
}

/** One market now: a row a bookmaker, with margin and age. */
export function MarketTable({ eventId, column, zone }: Props) {
  const layout = useLayout();
  const presences = usePresences(eventId) ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const market = layout.columns[column];
  if (market === undefined) return null;
  return (
    <div
      className="market-table"
      ref={scroller}
      data-event={eventId}
      tabIndex={0}
      role="region"
      aria-label={text.table.caption(nameOf(market))}
    >
      <table>
        <caption className="visually-hidden">{text.table.caption(nameOf(market))}</caption>
        <thead>
          <tr>
            <th scope="col">{text.table.book}</th>
            {market.outcomes.map((outcome) => (
              <th key={outcome} scope="col">
                {outcome}
              </th>
            ))}
            <th scope="col">{text.table.margin}</th>
            <th scope="col">{text.table.age}</th>
          </tr>
        </thead>
        <tbody>
          {layout.bookmakers.map(({ code, name }, bookmaker) =>
            (presences[bookmaker] ?? "absent") === "absent" ? null : (
              <tr key={code} className={bookmaker === layout.own ? "own" : ""}>
                <th scope="row">
                  <span className="bookmaker" data-series={bookmaker + 1}>
                    {name}
                  </span>
                </th>
                {market.outcomes.map((outcome, index) => (
                  <MarketCell key={outcome} {...{ eventId, bookmaker, column }} outcome={index} withGap />
                ))}
                <Margin {...{ eventId, bookmaker, column }} />
                <Age {...{ eventId, bookmaker, column }} />
              </tr>
            ),
          )}
        </tbody>
      </table>
      <CellTip scroller={scroller} zone={zone} />
    </div>
  );
}

function Margin(props: { eventId: string; bookmaker: number; column: number }) {
  const view = useMargin(props.eventId, props.bookmaker, props.column);
  const margin = view?.margin ?? null;
  return (
    <td className={view?.stale === true ? "margin stale" : "margin"}>
      {margin === null ? "–" : formatMargin(margin)}
    </td>
  );
}

function Age({ eventId, bookmaker, column }: { eventId: string; bookmaker: number; column: number }) {
  useNow();
  const store = useOddsStore();
  const listing = store.event(eventId)?.listings[bookmaker];
  const shown = store.layout.columns[column];
  const at = listing && shown ? confirmedAtOf(listing, shown) : -Infinity;
  return <td className="age">{at > 0 ? formatAge(store.now() - at) : "–"}</td>;
}
