import { use } from "react";
import { text } from "@text/board";
import { formatGap, formatOdds } from "@/lib/format";
import { OddsFormatContext } from "@/lib/oddsFormat";
import type { CellView } from "@/lib/store/views";
import { Unread, type UnreadProps } from "./Unread";

/** What a price cell shows: gap, arrow, price, each with its truth state. @param of Where the cell belongs. */
export function PriceFace({
  view,
  of,
  withGap = true,
}: {
  view: CellView;
  of: UnreadProps;
  withGap?: boolean;
}) {
  if (view.state === "unread") return <Unread {...of} />;
  return (
    <>
      {withGap && view.gap !== null && <span className="gap">{formatGap(view.gap)}</span>}
      {view.arrow !== null && (
        <span className={view.arrowMuted ? "arrow old" : "arrow"} data-direction={view.arrow}>
          {view.arrow === "up" ? "▲" : "▼"}
        </span>
      )}
      <Price view={view} />
    </>
  );
}

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

/** The classes of a price cell. @param first Whether it begins a market. */
export function priceClass(view: CellView, first: boolean): string {
  let name = first ? "cell price first" : "cell price";
  if (view.band !== 0) name += view.band > 0 ? ` above-${view.band}` : ` below-${-view.band}`;
  if (view.stale) name += " stale";
  if (view.state === "suspended" || view.state === "withdrawn") name += ` ${view.state}`;
  if (view.suspect) name += " suspect";
  if (view.best) name += " best";
  if (view.flash !== null) name += ` flash-${view.flash}`;
  return name;
}
