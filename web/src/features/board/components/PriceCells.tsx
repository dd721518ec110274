import { memo, type ReactNode } from "react";
import { useLayout } from "@/lib/store/useOdds";
import { MarginCell } from "./MarginCell";
import { PriceCell } from "./PriceCell";

interface Props {
  eventId: string;
  bookmaker: number;
  /** Index of the market. */
  column: number;
  /** Place of the first outcome in the row, from 0. */
  start: number;
  /** The place in the row that has the tab stop, −1 when none of these has. */
  focusedColumn: number;
}

/** The prices and the margin of one market of one bookmaker at one event. */
export const PriceCells = memo(function PriceCells({
  eventId,
  bookmaker,
  column,
  start,
  focusedColumn,
}: Props) {
  const outcomes = useLayout().columns[column]?.outcomes ?? [];
  const cells: ReactNode[] = outcomes.map((name, outcome) => (
    <PriceCell
      key={name}
      {...{ eventId, bookmaker, column, outcome }}
      place={start + outcome + 1}
      focused={focusedColumn === start + outcome}
    />
  ));
  const last = start + outcomes.length;
  return (
    <>
      {cells}
      <MarginCell {...{ eventId, bookmaker, column }} place={last + 1} focused={focusedColumn === last} />
    </>
  );
});
