import type { MouseEvent } from "react";
import { useLayout } from "@/lib/store/useOdds";
import type { BoardAddress, SortKey } from "../address";
import { nextSort } from "../filters";
import type { UpdateAddress } from "../hooks/useBoardAddress";
import { LEAD_COLUMNS } from "./MarketCells";

interface Props {
  columns: readonly number[];
  sort: BoardAddress["sort"];
  update: UpdateAddress;
}

/** The two head rows: market groups, then outcomes. Kick-off, event and the first margin sort. */
export function GridHead({ columns, sort, update }: Props) {
  const layout = useLayout();
  const starts = startPlaces(columns.map((column) => layout.columns[column]!.outcomes.length + 1));
  return (
    <div className="head" role="rowgroup">
      <div className="row" role="row" aria-rowindex={1}>
        <div className="cell lead" role="columnheader" aria-colindex={1} aria-colspan={LEAD_COLUMNS}>
          <span className="visually-hidden">Event</span>
        </div>
        {columns.map((column, index) => {
          const { name, outcomes } = layout.columns[column]!;
          const span = outcomes.length + 1;
          return (
            <div
              key={column}
              role="columnheader"
              aria-colindex={starts[index]}
              aria-colspan={span}
              className="cell group first"
              style={{ gridColumn: `span ${span}` }}
            >
              {name}
            </div>
          );
        })}
      </div>
      <div className="row" role="row" aria-rowindex={2}>
        <SortHead {...{ sort, update }} by="ko" place={1} className="kickoff" label="KO" />
        <SortHead {...{ sort, update }} by="league" place={2} className="name" label="Event" />
        <div className="cell books" role="columnheader" aria-colindex={3}>
          Books
        </div>
        {columns.map((column, index) => (
          <OutcomeHeads
            key={column}
            {...{ column, sort, update }}
            place={starts[index]!}
            leading={index === 0}
          />
        ))}
      </div>
    </div>
  );
}

function OutcomeHeads(props: {
  column: number;
  place: number;
  leading: boolean;
  sort: BoardAddress["sort"];
  update: UpdateAddress;
}) {
  const { column, place, leading, sort, update } = props;
  const outcomes = useLayout().columns[column]!.outcomes;
  const last = place + outcomes.length;
  return (
    <>
      {outcomes.map((outcome, index) => (
        <div
          key={outcome}
          role="columnheader"
          aria-colindex={place + index}
          className={index === 0 ? "cell price first" : "cell price"}
        >
          {outcome}
        </div>
      ))}
      {leading ? (
        <SortHead {...{ sort, update }} by="margin" place={last} className="margin" label="M%" />
      ) : (
        <div role="columnheader" aria-colindex={last} className="cell margin">
          M%
        </div>
      )}
    </>
  );
}

function SortHead(props: {
  by: SortKey;
  place: number;
  label: string;
  className: string;
  sort: BoardAddress["sort"];
  update: UpdateAddress;
}) {
  const { by, place, label, className, sort, update } = props;
  const current = sort.find(({ key }) => key === by);
  const direction = current === undefined ? undefined : current.descending ? "descending" : "ascending";
  return (
    <div
      role="columnheader"
      aria-colindex={place}
      aria-sort={direction ?? "none"}
      className={`cell ${className}`}
    >
      <button
        type="button"
        tabIndex={-1}
        onClick={(event: MouseEvent) => {
          update({ sort: nextSort(sort, by, event.shiftKey) });
        }}
      >
        {label}
        {current !== undefined && <i aria-hidden="true">{current.descending ? "↓" : "↑"}</i>}
      </button>
    </div>
  );
}

function startPlaces(spans: readonly number[]): number[] {
  let place = LEAD_COLUMNS + 1;
  return spans.map((span) => {
    const start = place;
    place += span;
    return start;
  });
}
