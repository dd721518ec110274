import { memo } from "react";
import { formatAge } from "@/lib/format";
import { useLayout, useOddsStore, usePresences } from "@/lib/store/useOdds";
import { useNow } from "@/lib/useNow";
import { rivalRow, useFocusedColumn } from "../gridFocus";
import { useRowFocus } from "../hooks/useRowFocus";
import { MarketCells } from "./MarketCells";

interface Props {
  eventId: string;
  bookmaker: number;
  rowIndex: number;
  top: number;
  columns: readonly number[];
}

/** One rival's prices under its event, against the own ones. */
export const RivalRow = memo(function RivalRow({ eventId, bookmaker, rowIndex, top, columns }: Props) {
  const layout = useLayout();
  const name = rivalRow(eventId, bookmaker);
  const focused = useFocusedColumn(name);
  const row = useRowFocus(name, focused);
  const presence = usePresences(eventId)?.[bookmaker] ?? "absent";
  const tab = (column: number) => (focused === column ? 0 : -1);
  return (
    <div
      ref={row}
      role="row"
      aria-rowindex={rowIndex}
      className={`row rival ${presence}${focused >= 0 ? " current" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      data-event={eventId}
      data-row={name}
    >
      <div role="gridcell" aria-colindex={1} tabIndex={tab(0)} className="cell kickoff" />
      <div role="rowheader" aria-colindex={2} tabIndex={tab(1)} className="cell name">
        <span className="bookmaker" data-series={bookmaker + 1}>
          {layout.bookmakers[bookmaker]?.name}
        </span>
        <span className="league">
          {presence === "stale" && <StaleLabel eventId={eventId} bookmaker={bookmaker} />}
          {presence === "absent" && "not listed"}
          {presence === "unknown" && "no answer yet"}
          {(presence === "withdrawn" || presence === "started") && presence}
        </span>
      </div>
      <div role="gridcell" aria-colindex={3} tabIndex={tab(2)} className="cell books">
        <Age eventId={eventId} bookmaker={bookmaker} />
      </div>
      <MarketCells eventId={eventId} bookmaker={bookmaker} columns={columns} focusedColumn={focused} />
    </div>
  );
});

function useAge(eventId: string, bookmaker: number): string | null {
  useNow();
  const store = useOddsStore();
  const at = store.event(eventId)?.listings[bookmaker]?.confirmedAt ?? null;
  return at === null ? null : formatAge(store.now() - at);
}

function StaleLabel(props: { eventId: string; bookmaker: number }) {
  return <>stale {useAge(props.eventId, props.bookmaker)}</>;
}

function Age(props: { eventId: string; bookmaker: number }) {
  return <span className="age">{useAge(props.eventId, props.bookmaker)}</span>;
}
