import { useState, type RefObject } from "react";
import { useLayout } from "@/lib/store/useOdds";
import { useShortcuts } from "@/lib/keys";
import type { BoardAddress } from "../address";
import type { GridHandle } from "../components/Grid";
import type { UpdateAddress } from "./useBoardAddress";
import type { Rows } from "./useRows";

/** What the side panel is told; it knows the event, and nothing of the Board. */
export interface PanelProps {
  eventId: string;
  /** Key of the market to begin with, "" for the first, and the outcome in it. */
  market: string;
  outcome: number;
  zone: string;
  onClose: () => void;
  onStep: (step: 1 | -1) => void;
}

/**
 * Return what the side panel shows, null while it is closed. `h` opens it at the focused cell's market, `J` and `K`
 * walk on to the Board's next event, which gets the focus of the rows too.
 */
export function usePanel(
  address: BoardAddress,
  update: UpdateAddress,
  rows: Rows,
  grid: RefObject<GridHandle | null>,
): PanelProps | null {
  const { columns } = useLayout();
  const [start, setStart] = useState({ market: "", outcome: 0 });
  useShortcuts([
    {
      keys: ["h"],
      run: () => {
        const event = grid.current?.currentEvent() ?? "";
        if (event === "") return;
        const [, column = -1, outcome = 0] = (focusedCell()?.dataset.cell ?? "").split("/").map(Number);
        setStart({ market: columns[column]?.key ?? "", outcome });
        update({ panel: event }, true);
      },
    },
  ]);
  if (address.panel === "") return null;
  return {
    eventId: address.panel,
    ...start,
    zone: address.zone,
    onClose: () => {
      update({ panel: "" });
      grid.current?.moveRow(0);
    },
    onStep: (step) => {
      const at = rows.ids.indexOf(address.panel);
      const next = rows.ids[at + step];
      if (next === undefined) return;
      update({ panel: next, event: next });
      grid.current?.reveal(next);
    },
  };
}

function focusedCell(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>("[data-cell]") ?? null;
}
