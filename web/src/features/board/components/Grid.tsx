import { useVirtualizer, defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  type CSSProperties,
  type RefObject,
} from "react";
import type { Density } from "@/lib/preferences";
import { useLayout } from "@/lib/store/useOdds";
import type { BoardAddress } from "../address";
import { eventOfRow, focusCell, rivalRow, useGridFocus } from "../gridFocus";
import type { UpdateAddress } from "../hooks/useBoardAddress";
import { writeEvent } from "../hooks/useBoardAddress";
import { CellTip } from "./CellTip";
import { EventRow } from "./EventRow";
import { GridHead } from "./GridHead";
import { columnCount } from "./MarketCells";
import { RivalRow } from "./RivalRow";
import "./Grid.css";

const HEAD_HEIGHT = 46;
const HEAD_ROWS = 2;
const RIVAL_HEIGHT = 22;
const ROW_HEIGHTS: Readonly<Record<Density, number>> = { compact: 24, normal: 28, roomy: 34 };
const KICKOFF_WIDTH = 72; // also where the name sticks, in Grid.css
const NAME_WIDTH = 200;
const BOOKS_WIDTH = 52;
const PRICE_WIDTH = 73;
const MARGIN_WIDTH = 40;
const OVERSCAN = 6;
const WRITE_EVENT_MS = 300;

type Item = { row: string; eventId: string; bookmaker: number | null };

export interface GridHandle {
  /** Move the focus by rows, or to the first or last one. */
  moveRow: (step: number | "first" | "last") => void;
  moveScreen: (direction: 1 | -1) => void;
  moveColumn: (step: number) => void;
  /** Scroll until an event and its rivals are on screen. */
  reveal: (eventId: string) => void;
  currentEvent: () => string;
  lastVisible: () => number;
}

interface Props {
  ids: readonly string[];
  address: BoardAddress;
  columns: readonly number[];
  update: UpdateAddress;
  onToggle: (eventId: string) => void;
  handle: RefObject<GridHandle | null>;
}

/** The rows that are on screen, and the one tab stop among their cells. */
export function Grid({ ids, address, columns, update, onToggle, handle }: Props) {
  const layout = useLayout();
  const scroller = useRef<HTMLDivElement>(null);
  const { items, places, isOpen } = useItems(ids, address.open);
  const focus = useGridFocus();
  const rowHeight = ROW_HEIGHTS[address.density];

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (items[index]?.bookmaker === null ? rowHeight : RIVAL_HEIGHT),
    getItemKey: (index) => items[index]?.row ?? index,
    overscan: OVERSCAN,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
    // The row with the tab stop stays mounted, so that scrolling away does not lose the focus.
    rangeExtractor: (range: Range) => withIndex(defaultRangeExtractor(range), places.get(focus.row)),
  });
  useEffect(() => {
    virtualizer.measure();
  }, [virtualizer, rowHeight, items]);

  const columnTotal = columnCount(columns.map((column) => layout.columns[column]!.outcomes));
  useGridHandle(handle, { items, places, columnTotal, virtualizer, scroller });
  useTabStop(items, places, address.event, (index) => {
    virtualizer.scrollToIndex(index, { align: "auto" });
  });
  const onFocus = useFocusTracking();

  return (
    <div
      ref={scroller}
      className={`board-grid ${address.density}`}
      role="grid"
      aria-label="Board"
      aria-rowcount={items.length + HEAD_ROWS}
      aria-colcount={columnTotal}
      style={gridStyle(
        columns.map((column) => layout.columns[column]!.outcomes.length),
        layout.bookmakers.length,
      )}
      onFocus={onFocus}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) focus.wanted = false;
      }}
    >
      <GridHead columns={columns} sort={address.sort} update={update} />
      <div className="body" role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index];
          if (item === undefined) return null;
          const place = { rowIndex: index + HEAD_ROWS + 1, top: start - HEAD_HEIGHT, columns };
          return item.bookmaker === null ? (
            <EventRow
              key={key}
              eventId={item.eventId}
              open={isOpen(item.eventId)}
              zone={address.zone}
              onToggle={onToggle}
              {...place}
            />
          ) : (
            <RivalRow key={key} eventId={item.eventId} bookmaker={item.bookmaker} {...place} />
          );
        })}
      </div>
      <CellTip scroller={scroller} zone={address.zone} />
    </div>
  );
}

function useItems(ids: readonly string[], open: BoardAddress["open"]) {
  const layout = useLayout();
  return useMemo(() => {
    const chosen = new Set(open === "all" ? [] : open);
    const isOpen = (id: string) => open === "all" || chosen.has(id);
    const rivals = layout.bookmakers.map((_, index) => index).filter((index) => index !== layout.own);
    const items: Item[] = [];
    for (const id of ids) {
      items.push({ row: id, eventId: id, bookmaker: null });
      if (!isOpen(id)) continue;
      for (const bookmaker of rivals) items.push({ row: rivalRow(id, bookmaker), eventId: id, bookmaker });
    }
    return { items, places: new Map(items.map((item, index) => [item.row, index])), isOpen };
  }, [ids, open, layout]);
}

function useGridHandle(
  handle: RefObject<GridHandle | null>,
  parts: {
    items: readonly Item[];
    places: ReadonlyMap<string, number>;
    columnTotal: number;
    virtualizer: ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;
    scroller: RefObject<HTMLDivElement | null>;
  },
): void {
  const focus = useGridFocus();
  useImperativeHandle(handle, () => {
    const { items, places, columnTotal, virtualizer, scroller } = parts;
    const goTo = (index: number, column = focus.column) => {
      const item = items[Math.min(items.length - 1, Math.max(0, index))];
      if (item === undefined) return;
      virtualizer.scrollToIndex(places.get(item.row)!, { align: "auto" });
      focus.move(item.row, Math.min(columnTotal - 1, Math.max(0, column)), true);
      // A row that is not mounted yet takes the focus itself when it is.
      focusCell(scroller.current?.querySelector(`[data-row="${item.row}"]`), focus.column);
    };
    const at = () => places.get(focus.row) ?? 0;
    // The first key shows where the focus is; the next ones move it.
    const from = (step: number) => (scroller.current?.contains(document.activeElement) ? at() + step : at());
    const screenful = () => Math.max(1, virtualizer.getVirtualItems().length - 2 * OVERSCAN - 1);
    return {
      moveRow: (step) => {
        goTo(step === "first" ? 0 : step === "last" ? items.length - 1 : from(step));
      },
      moveScreen: (direction) => {
        goTo(at() + direction * screenful());
      },
      moveColumn: (step) => {
        goTo(at(), focus.column + step);
      },
      reveal: (eventId) => {
        const last = items.findLastIndex((item) => item.eventId === eventId);
        if (last >= 0) virtualizer.scrollToIndex(last, { align: "auto" });
      },
      currentEvent: () => eventOfRow(focus.row),
      lastVisible: () => {
        const range = virtualizer.range;
        const item = range === null ? undefined : items[Math.min(range.endIndex, items.length - 1)];
        return item === undefined ? -1 : eventIndex(items, item.eventId);
      },
    };
  });
}

/** Return the place of an event among events, rivals not counted. */
function eventIndex(items: readonly Item[], eventId: string): number {
  let index = -1;
  for (const item of items) {
    if (item.bookmaker === null) index++;
    if (item.eventId === eventId) return index;
  }
  return index;
}

/** Keep the tab stop on a row that exists: the address's event at first, else the first row. */
function useTabStop(
  items: readonly Item[],
  places: ReadonlyMap<string, number>,
  event: string,
  reveal: (index: number) => void,
): void {
  const focus = useGridFocus();
  const linked = useRef(event);
  useEffect(() => {
    if (items.length === 0) return;
    const index = linked.current === "" ? undefined : places.get(linked.current);
    if (index !== undefined) {
      focus.move(linked.current, focus.column, false);
      reveal(index);
      linked.current = "";
    } else if (!places.has(focus.row)) {
      const parent = places.get(eventOfRow(focus.row));
      focus.move(items[parent ?? 0]!.row, focus.column, focus.wanted && parent !== undefined);
    }
  }, [items, places, focus, reveal]);
}

/** Follow the browser's focus, so that a click moves the tab stop, and write the event into the address. */
function useFocusTracking() {
  const focus = useGridFocus();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return useCallback(
    (event: React.FocusEvent) => {
      const cell = (event.target as HTMLElement).closest<HTMLElement>("[aria-colindex]");
      const row = cell?.closest<HTMLElement>("[data-row]")?.dataset.row;
      if (cell === null || row === undefined) return;
      focus.move(row, Number(cell.getAttribute("aria-colindex")) - 1, true);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        writeEvent(eventOfRow(row));
      }, WRITE_EVENT_MS);
    },
    [focus],
  );
}

function withIndex(indexes: number[], extra: number | undefined): number[] {
  if (extra === undefined || indexes.includes(extra)) return indexes;
  return [...indexes, extra].sort((a, b) => a - b);
}

/** Return the column widths as CSS: prices and names share what the window has beyond the least they need. */
function gridStyle(outcomeCounts: readonly number[], bookmakers: number): CSSProperties {
  const books = Math.max(BOOKS_WIDTH, bookmakers * 11 + 14);
  const prices = outcomeCounts.map(
    (count) => `repeat(${count}, minmax(${PRICE_WIDTH}px, 1fr)) ${MARGIN_WIDTH}px`,
  );
  const least = outcomeCounts.reduce(
    (sum, count) => sum + count * PRICE_WIDTH + MARGIN_WIDTH,
    KICKOFF_WIDTH + NAME_WIDTH + books,
  );
  return {
    ["--columns" as string]: `${KICKOFF_WIDTH}px minmax(${NAME_WIDTH}px, 4fr) ${books}px ${prices.join(" ")}`,
    ["--least-width" as string]: `${least}px`,
  };
}
