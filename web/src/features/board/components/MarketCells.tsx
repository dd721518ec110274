import { memo, type ReactNode } from "react";
import { useLayout } from "@/lib/store/useOdds";
import { MarginCell } from "./MarginCell";
import { PriceCell } from "./PriceCell";

/** Columns before the first price: kick-off, event, books. */
export const LEAD_COLUMNS = 3;

interface Props {
  eventId: string;
  bookmaker: number;
  /** Indexes of the market groups shown. */
  columns: readonly number[];
  /** The column of this row that has the tab stop, −1 for none. */
  focusedColumn: number;
}

/** The prices and margins of one bookmaker at one event, market after market. */
export const MarketCells = memo(function MarketCells({ eventId, bookmaker, columns, focusedColumn }: Props) {
  const layout = useLayout();
  const cells: ReactNode[] = [];
  let place = LEAD_COLUMNS;
  for (const column of columns) {
    const outcomes = layout.columns[column]?.outcomes ?? [];
    outcomes.forEach((name, outcome) => {
      place++;
      cells.push(
        <PriceCell
          key={`${column}/${name}`}
          {...{ eventId, bookmaker, column, outcome, place }}
          focused={focusedColumn === place - 1}
        />,
      );
    });
    place++;
    cells.push(
      <MarginCell
        key={`${column}/M`}
        {...{ eventId, bookmaker, column, place }}
        focused={focusedColumn === place - 1}
      />,
    );
  }
  return cells;
});

/** Return how many columns a row has. */
export function columnCount(outcomes: readonly (readonly string[])[]): number {
  return LEAD_COLUMNS + outcomes.reduce((sum, names) => sum + names.length + 1, 0);
}
