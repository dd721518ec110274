import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useEventCount, useLayout, useLoaded, useOddsStore } from "@/lib/store/useOdds";
import { useRuns } from "@/lib/store/useStatus";
import { useShortcuts, type Shortcut } from "@/lib/keys";
import { DENSITIES } from "@/lib/preferences";
import { shownColumns, type BoardAddress } from "../address";
import { NO_FILTERS } from "../filters";
import { GridFocus, GridFocusContext } from "../gridFocus";
import { useBoardAddress, type UpdateAddress } from "../hooks/useBoardAddress";
import { useRows, type Rows } from "../hooks/useRows";
import { BoardFooter } from "./BoardFooter";
import { EmptyDatabase, LoadingBoard, NoMatch } from "./EmptyBoard";
import { FilterBar, toggledMarkets } from "./FilterBar";
import { Grid, type GridHandle } from "./Grid";
import "./Board.css";

/** The Board, Compare view: one row an event, own prices against the market, rivals underneath on demand. */
export function Board({ runNow }: { runNow: ReactNode }) {
  const layout = useLayout();
  const store = useOddsStore();
  const loaded = useLoaded();
  const total = useEventCount();
  const runs = useRuns();
  const [focus] = useState(() => new GridFocus());
  const [address, update] = useBoardAddress(layout);
  const search = useRef<HTMLInputElement>(null);
  const grid = useRef<GridHandle>(null);

  useEffect(() => {
    store.setReference(address.reference);
  }, [store, address.reference]);

  const rows = useRows(
    rowQuery(address),
    useCallback(() => grid.current?.lastVisible() ?? -1, []),
    runs.active !== null && runs.last === null,
  );
  const columns = useMemo(() => shownColumns(address.markets, layout), [address.markets, layout]);
  const toggle = useToggle(address, update, rows);
  useBoardShortcuts({ address, update, rows, grid, search, toggle, layout });

  return (
    <GridFocusContext value={focus}>
      <main className="board">
        <h1 className="visually-hidden">Board</h1>
        <FilterBar {...{ address, update, rows, total, search }} onLeave={() => grid.current?.moveRow(0)} />
        {!loaded ? (
          <LoadingBoard />
        ) : total === 0 ? (
          <EmptyDatabase runNow={runNow} />
        ) : rows.ids.length === 0 ? (
          <NoMatch address={address} update={update} />
        ) : (
          <Grid ids={rows.ids} onToggle={toggle} handle={grid} {...{ address, columns, update }} />
        )}
        <BoardFooter
          zone={address.zone}
          reference={referenceWords(address.reference, layout)}
          update={update}
        />
      </main>
    </GridFocusContext>
  );
}

function rowQuery(address: BoardAddress) {
  const { open: _open, event: _event, density: _density, ...query } = address;
  return query;
}

function referenceWords(reference: string, layout: ReturnType<typeof useLayout>): string {
  if (reference === "median" || reference === "best") return `${reference} rival`;
  return layout.bookmakers.find(({ code }) => code === reference)?.name ?? reference;
}

function useToggle(address: BoardAddress, update: UpdateAddress, rows: Rows): (eventId: string) => void {
  const current = useRef({ address, rows });
  useEffect(() => {
    current.current = { address, rows };
  });
  return useCallback(
    (eventId: string) => {
      const { address, rows } = current.current;
      const open = address.open === "all" ? rows.ids : address.open;
      update({ open: open.includes(eventId) ? open.filter((id) => id !== eventId) : [...open, eventId] });
    },
    [update],
  );
}

function useBoardShortcuts(parts: {
  address: BoardAddress;
  update: UpdateAddress;
  rows: Rows;
  grid: React.RefObject<GridHandle | null>;
  search: React.RefObject<HTMLInputElement | null>;
  toggle: (eventId: string) => void;
  layout: ReturnType<typeof useLayout>;
}): void {
  const { address, update, rows, grid, search, toggle, layout } = parts;
  const density = (step: number) => {
    const next = DENSITIES[DENSITIES.indexOf(address.density) + step];
    if (next !== undefined) update({ density: next });
  };
  const shortcuts: Shortcut[] = [
    { keys: ["/"], run: () => search.current?.focus() },
    { keys: ["j", "ArrowDown"], run: () => grid.current?.moveRow(1) },
    { keys: ["k", "ArrowUp"], run: () => grid.current?.moveRow(-1) },
    { keys: ["PageDown"], run: () => grid.current?.moveScreen(1) },
    { keys: ["PageUp"], run: () => grid.current?.moveScreen(-1) },
    { keys: ["Home"], run: () => grid.current?.moveRow("first") },
    { keys: ["End"], run: () => grid.current?.moveRow("last") },
    { keys: ["ArrowRight"], run: () => grid.current?.moveColumn(1) },
    { keys: ["ArrowLeft"], run: () => grid.current?.moveColumn(-1) },
    {
      keys: ["x"],
      run: () => {
        const event = grid.current?.currentEvent() ?? "";
        if (event === "") return;
        toggle(event);
        requestAnimationFrame(() => grid.current?.reveal(event)); // once the rivals have their place
      },
    },
    {
      keys: ["X"],
      run: () => {
        update({ open: address.open === "all" ? [] : "all" });
      },
    },
    {
      keys: ["a"],
      run: () => {
        update({ attention: !address.attention });
      },
    },
    { keys: ["r"], run: rows.apply },
    {
      keys: ["F"],
      run: () => {
        update(NO_FILTERS);
      },
    },
    {
      keys: ["["],
      run: () => {
        density(-1);
      },
    },
    {
      keys: ["]"],
      run: () => {
        density(1);
      },
    },
    ...["1", "2", "3", "4", "5", "6", "7", "8"].map((key, index) => ({
      keys: [key],
      run: () => {
        update({ markets: toggledMarkets(address.markets, index, layout) });
      },
    })),
  ];
  useShortcuts(shortcuts);
}
