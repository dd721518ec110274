import { useMemo, type RefObject } from "react";
import { useLocation } from "wouter";
import { text } from "@text/board";
import { useCommands, type Command } from "@/lib/commands";
import { tsvText } from "@/lib/csv";
import { useShortcuts, type Shortcut } from "@/lib/keys";
import { DENSITIES } from "@/lib/preferences";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { ATTENTION_KINDS, marketSlots, toggledMarkets, VIEWS, type BoardAddress } from "../address";
import { refreshEvent } from "../api/refreshEvent";
import type { GridHandle } from "../components/Grid";
import { NO_FILTERS } from "../filters";
import type { GridPlan } from "../gridPlan";
import { rowsAsText } from "../rowText";
import { toggleWatched } from "../watchList";
import type { UpdateAddress } from "./useBoardAddress";
import type { Rows } from "./useRows";

export interface BoardParts {
  address: BoardAddress;
  update: UpdateAddress;
  rows: Rows;
  plan: GridPlan;
  grid: RefObject<GridHandle | null>;
  search: RefObject<HTMLInputElement | null>;
  onToggle: (eventId: string) => void;
  onFold: (group: string) => void;
  onSay: (words: string) => void;
}

/** Everything that a key does on the Board, and what of it the command palette offers. */
export function useBoardKeys(parts: BoardParts): void {
  const { grid, search } = parts;
  const rowActions = useRowActions(parts);
  const screenActions = useScreenActions(parts);
  useCommands(useMemo(() => commandsOf(screenActions), [screenActions]));
  const move = (step: number | "first" | "last", extend = false) => grid.current?.moveRow(step, extend);
  const shortcuts: Shortcut[] = [
    { keys: ["/"], run: () => search.current?.focus() },
    { keys: ["j", "ArrowDown"], run: () => move(1) },
    { keys: ["k", "ArrowUp"], run: () => move(-1) },
    { keys: ["ArrowDown"], shift: true, run: () => move(1, true) },
    { keys: ["ArrowUp"], shift: true, run: () => move(-1, true) },
    { keys: ["PageDown"], run: () => grid.current?.moveScreen(1) },
    { keys: ["PageUp"], run: () => grid.current?.moveScreen(-1) },
    { keys: ["Home"], run: () => move("first") },
    { keys: ["End"], run: () => move("last") },
    { keys: ["ArrowRight"], run: () => grid.current?.moveColumn(1) },
    { keys: ["ArrowLeft"], run: () => grid.current?.moveColumn(-1) },
    { keys: ["x"], run: rowActions.expand },
    { keys: ["Enter"], run: rowActions.openPanel },
    { keys: ["o"], run: rowActions.openPage },
    { keys: ["w"], run: rowActions.watch },
    { keys: ["e"], run: rowActions.refresh },
    { keys: ["c"], run: rowActions.copyRow },
    { keys: ["C"], run: rowActions.copySelection },
    ...screenActions.map(({ keys, run }) => ({ keys, run })),
  ];
  useShortcuts(shortcuts);
}

function useRowActions({ address, update, plan, grid, onToggle, onFold, onSay }: BoardParts) {
  const store = useOddsStore();
  const [, navigate] = useLocation();
  const withEvent = (run: (eventId: string) => void) => () => {
    const id = grid.current?.currentEvent() ?? "";
    if (id !== "") run(id);
  };
  const nameOf = (id: string) => {
    const event = store.event(id);
    return event === undefined ? id : `${event.home} – ${event.away}`;
  };
  const copy = (items: ReturnType<GridHandle["selection"]>) => {
    const rows = rowsAsText(store, items, plan, address);
    navigator.clipboard.writeText(tsvText(rows)).then(
      () => {
        onSay(text.copiedRows(rows.length - 1));
      },
      () => {
        onSay(text.copyFailed);
      },
    );
  };
  return {
    expand: () => {
      const group = grid.current?.currentGroup() ?? "";
      if (group !== "") onFold(group);
      else if (address.view === "compare")
        withEvent((id) => {
          onToggle(id);
          requestAnimationFrame(() => grid.current?.reveal(id)); // once the rivals have their place
        })();
    },
    openPanel: () => {
      const group = grid.current?.currentGroup() ?? "";
      if (group !== "") onFold(group);
      else
        withEvent((id) => {
          update({ panel: id }, true);
        })();
    },
    openPage: withEvent((id) => {
      navigate(`/event/${id}`);
    }),
    watch: withEvent(toggleWatched),
    refresh: withEvent((id) => {
      onSay(text.refreshing(nameOf(id)));
      refreshEvent(id).then(
        () => {
          onSay(text.refreshed(nameOf(id)));
        },
        (error: unknown) => {
          onSay(text.refreshFailed(nameOf(id), error instanceof Error ? error.message : String(error)));
        },
      );
    }),
    copyRow: () => {
      copy(grid.current?.selection().slice(-1) ?? []);
    },
    copySelection: () => {
      copy(grid.current?.selection() ?? []);
    },
  };
}

interface ScreenAction {
  name: string;
  keys: readonly string[];
  run: () => void;
}

function useScreenActions({ address, update, rows }: BoardParts): readonly ScreenAction[] {
  const layout = useLayout();
  return useMemo(() => {
    const change = (make: (now: BoardAddress) => Partial<BoardAddress>) => () => {
      update(make);
    };
    const density = (step: number) =>
      change((now) => ({ density: DENSITIES[DENSITIES.indexOf(now.density) + step] ?? now.density }));
    const { keys } = text;
    const actions: ScreenAction[] = [
      { name: text.clearFilters, keys: ["F"], run: change(() => NO_FILTERS) },
      { name: text.applyOrder, keys: ["r"], run: rows.apply },
      {
        name: text.attention,
        keys: ["a"],
        run: change((now) => ({ attention: now.attention.length > 0 ? [] : ATTENTION_KINDS })),
      },
      { name: text.onlyWatched, keys: ["W"], run: change((now) => ({ watched: !now.watched })) },
      {
        name: keys.expand,
        keys: ["X"],
        run: change((now) => ({ expanded: now.expanded === "all" ? [] : "all" })),
      },
      {
        name: keys.view,
        keys: ["v"],
        run: change((now) => ({ view: VIEWS[(VIEWS.indexOf(now.view) + 1) % VIEWS.length]! })),
      },
      { name: keys.density, keys: ["["], run: density(-1) },
      { name: keys.density, keys: ["]"], run: density(1) },
    ];
    const slots = marketSlots(address.markets, layout);
    const markets = ["1", "2", "3", "4", "5", "6", "7", "8"].flatMap((key, index) => {
      const slot = slots[index];
      const name = layout.columns.find((column) => column.key === slot)?.name ?? "";
      const run = change((now) => ({ markets: toggledMarkets(now.markets, slot!) }));
      return slot === undefined ? [] : [{ name: `${text.keys.market}: ${name}`, keys: [key], run }];
    });
    return [...actions, ...markets];
  }, [address.markets, update, rows.apply, layout]);
}

function commandsOf(actions: readonly ScreenAction[]): Command[] {
  return actions.map(({ name, keys, run }) => ({ name, hint: keys.join(" "), run }));
}
