import { useMemo } from "react";
import { useLayout } from "@/lib/store/useOdds";
import { WIDTH_LIMITS, within, type BoardAddress, type ColumnChoice } from "../address";
import {
  changed,
  choicesOf,
  forAddress,
  LEAD_IDS,
  moved,
  planOf,
  type GridPlan,
  type LeadId,
} from "../gridPlan";
import type { UpdateAddress } from "./useBoardAddress";

export interface ColumnActions {
  /** By places, or to the place of another column. */
  move: (id: string, to: number | string) => void;
  /** @param width Pixels of one column, null for its own width. */
  resize: (id: string, width: number | null) => void;
  pin: (id: string, pinned: boolean) => void;
  /** Show or hide a column that is no price. */
  toggleLead: (id: LeadId) => void;
  reset: () => void;
}

/** Return what the grid's columns are, and how the trader rearranges them. */
export function useColumns(address: BoardAddress, update: UpdateAddress): [GridPlan, ColumnActions] {
  const layout = useLayout();
  const { view, columns, markets, market, books } = address;
  const plan = useMemo(
    () => planOf({ view, columns, markets, market, books }, layout),
    [view, columns, markets, market, books, layout],
  );
  const actions = useMemo(() => {
    const shown = { view, columns, markets, market, books };
    const change = (make: (choices: ColumnChoice[]) => ColumnChoice[]) => {
      update({ columns: forAddress(make(choicesOf(plan, columns)), shown, layout) });
    };
    return {
      move: (id: string, to: number | string) => {
        change((choices) => moved(choices, id, to));
      },
      resize: (id: string, width: number | null) => {
        change((choices) =>
          changed(choices, id, { width: width === null ? null : within(width, WIDTH_LIMITS) }),
        );
      },
      pin: (id: string, pinned: boolean) => {
        change((choices) => {
          const next = changed(choices, id, { pinned });
          return [...next.filter((each) => each.pinned), ...next.filter((each) => !each.pinned)];
        });
      },
      toggleLead: (id: LeadId) => {
        change((choices) => {
          if (choices.some((choice) => choice.id === id)) return choices.filter((choice) => choice.id !== id);
          const before = choices.filter((choice) =>
            (LEAD_IDS as readonly string[]).includes(choice.id),
          ).length;
          return choices.toSpliced(before, 0, { id, width: null, pinned: false });
        });
      },
      reset: () => {
        update({ columns: null, markets: null });
      },
    };
  }, [plan, view, columns, markets, market, books, layout, update]);
  return [plan, actions];
}
