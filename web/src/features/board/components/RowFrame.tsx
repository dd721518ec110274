import type { ReactNode } from "react";
import type { GridPlan, LeadId, Segment } from "../gridPlan";
import { useFocusedColumn, useIsSelected } from "../gridFocus";
import { useRowFocus } from "../hooks/useRowFocus";
import { PriceCells } from "./PriceCells";

/** Where a row stands; the same for every kind of row. */
export interface RowPlace {
  /** The row's name among the grid's rows. */
  row: string;
  /** From 1, the head rows included. */
  rowIndex: number;
  top: number;
  height: number;
  plan: GridPlan;
}

interface Props extends RowPlace {
  eventId: string;
  /** Whose prices the market columns show. */
  bookmaker: number;
  className: string;
  lead: (id: LeadId) => ReactNode;
}

/** One row: its pinned columns in a part that stays at the left, the others after it. */
export function RowFrame(props: Props) {
  const { row, rowIndex, top, height, plan, eventId, bookmaker, className, lead } = props;
  const focused = useFocusedColumn(row);
  const selected = useIsSelected(row);
  const element = useRowFocus(row, focused);
  const cells = (segment: Segment) =>
    segment.kind === "lead" ? (
      <div
        key={segment.id}
        role={segment.id === "ev" ? "rowheader" : "gridcell"}
        aria-colindex={segment.start + 1}
        tabIndex={focused === segment.start ? 0 : -1}
        className={`cell lead-${segment.id}`}
      >
        {lead(segment.id)}
      </div>
    ) : (
      <PriceCells
        key={segment.id}
        eventId={eventId}
        bookmaker={segment.kind === "book" ? segment.bookmaker : bookmaker}
        column={segment.column}
        start={segment.start}
        focusedColumn={focused >= segment.start && focused < segment.start + segment.span ? focused : -1}
      />
    );
  const pinned = plan.segments.filter((segment) => segment.pinned);
  return (
    <div
      ref={element}
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={selected}
      className={`row ${className}${focused >= 0 ? " current" : ""}${selected ? " selected" : ""}`}
      style={{ transform: `translateY(${top}px)`, height }}
      data-event={eventId}
      data-row={row}
    >
      {pinned.length > 0 && (
        <div className="pin" role="none">
          {pinned.map(cells)}
        </div>
      )}
      {plan.segments.filter((segment) => !segment.pinned).map(cells)}
    </div>
  );
}
