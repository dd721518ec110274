import { createContext, use, useCallback, useSyncExternalStore } from "react";

/**
 * Which cell of the grid has the one tab stop, and which rows are selected. Outside React state, so that moving it
 * renders two rows and not the Board. Rows are named by event, a bookmaker's row by event/bookmaker.
 */
export class GridFocus {
  row = "";
  column = 1;
  /** Whether the browser's focus should follow: not when a row only becomes the tab stop. */
  wanted = false;
  /** Where a selection began, "" without one. */
  anchor = "";
  selected: ReadonlySet<string> = NONE;
  private readonly listeners = new Set<() => void>();

  move(row: string, column: number, wanted: boolean): void {
    if (row === this.row && column === this.column && wanted === this.wanted) return;
    [this.row, this.column, this.wanted] = [row, column, wanted];
    this.tell();
  }

  select(anchor: string, rows: readonly string[]): void {
    if (rows.length === 0 && this.selected.size === 0) return;
    [this.anchor, this.selected] = [anchor, rows.length === 0 ? NONE : new Set(rows)];
    this.tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const NONE: ReadonlySet<string> = new Set();

export const GridFocusContext = createContext<GridFocus | null>(null);

export function useGridFocus(): GridFocus {
  const focus = use(GridFocusContext);
  if (focus === null) throw new Error("no GridFocusContext above this component");
  return focus;
}

/** Return the column that has the tab stop in a row, −1 when another row has it. */
export function useFocusedColumn(row: string): number {
  const focus = useGridFocus();
  const read = useCallback(() => (focus.row === row ? focus.column : -1), [focus, row]);
  return useSyncExternalStore(focus.subscribe, read);
}

export function useIsSelected(row: string): boolean {
  const focus = useGridFocus();
  const read = useCallback(() => focus.selected.has(row), [focus, row]);
  return useSyncExternalStore(focus.subscribe, read);
}

export function rivalRow(eventId: string, bookmaker: number): string {
  return `${eventId}/${bookmaker}`;
}

export function eventOfRow(row: string): string {
  const slash = row.indexOf("/");
  return slash < 0 ? row : row.slice(0, slash);
}

/** Give the browser's focus to a cell of a mounted row, and bring it out from under the pinned columns. */
export function focusCell(row: Element | null | undefined, column: number): void {
  const cell = row?.querySelector<HTMLElement>(`[aria-colindex="${column + 1}"]`);
  if (cell === null || cell === undefined) return;
  if (cell !== document.activeElement) cell.focus({ preventScroll: true });
  if (cell.closest(".pin") !== null) return;
  const scroller = cell.closest<HTMLElement>("[role=grid]");
  if (scroller === null) return;
  const [box, view] = [cell.getBoundingClientRect(), scroller.getBoundingClientRect()];
  const left = view.left + (row?.querySelector(".pin")?.getBoundingClientRect().width ?? 0);
  const right = view.left + scroller.clientWidth;
  if (box.left < left) scroller.scrollLeft -= left - box.left;
  else if (box.right > right) scroller.scrollLeft += box.right - right;
}
