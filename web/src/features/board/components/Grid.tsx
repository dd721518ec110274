import { useVirtualizer, defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type RefObject,
} from "react";
import { text } from "@text/board";
import { CellTip } from "@/components/odds/CellTip";
import type { Density } from "@/lib/preferences";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useSources } from "@/lib/store/useStatus";
import { shownBooks, type BoardAddress } from "../address";
import { eventOfRow, focusCell, useGridFocus, type GridFocus } from "../gridFocus";
import { tracksOf, type GridPlan } from "../gridPlan";
import { writeEvent, type UpdateAddress } from "../hooks/useBoardAddress";
import type { ColumnActions } from "../hooks/useColumns";
import type { Rows } from "../hooks/useRows";
import { expansion, GROUP_ROW, itemsOf, type Item } from "../items";
import { BookRow } from "./BookRow";
import { EventRow } from "./EventRow";
import { GridHead } from "./GridHead";
import { GroupHead } from "./GroupHead";
import { RivalRow } from "./RivalRow";
import "./Grid.css";

const HEAD_HEIGHT = 46;
const HEAD_ROWS = 2;
const RIVAL_HEIGHT = 22;
const GROUP_HEIGHT = 24;
const ROW_HEIGHTS: Readonly<Record<Density, number>> = { compact: 24, normal: 28, roomy: 34 };
const BOOK_HEIGHTS: Readonly<Record<Density, number>> = { compact: 20, normal: 22, roomy: 28 };
const OVERSCAN = 6;
const WRITE_EVENT_MS = 300;

export interface GridHandle {
  /** Move the focus by rows, or to the first or last one; with `extend` the rows in between are selected. */
  moveRow: (step: number | "first" | "last", extend?: boolean) => void;
  moveScreen: (direction: 1 | -1) => void;
  moveColumn: (step: number) => void;
  /** Scroll until an event and its rivals are on screen. */
  reveal: (eventId: string) => void;
  /** The event whose row has the focus, "" for none. */
  currentEvent: () => string;
  /** The group whose head has the focus, "" for none. */
  currentGroup: () => string;
  /** The column whose cell has the focus. */
  currentColumn: () => string;
  /** The selected rows in order, else the one that has the focus. */
  selection: () => readonly Item[];
  lastVisible: () => number;
}

interface Props {
  rows: Rows;
  address: BoardAddress;
  plan: GridPlan;
  actions: ColumnActions;
  update: UpdateAddress;
  onToggle: (eventId: string) => void;
  onFold: (group: string) => void;
  handle: RefObject<GridHandle | null>;
}

/** The rows that are on screen, and the one tab stop among their cells. */
export function Grid({ rows, address, plan, actions, update, onToggle, onFold, handle }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [preview, setPreview] = useState<{ id: string; width: number } | null>(null);
  const { items, places } = useItems(rows, address);
  const focus = useGridFocus();
  const height = useCallback((item: Item | undefined) => heightOf(item, address.density), [address.density]);

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => height(items[index]),
    getItemKey: (index) => items[index]?.row ?? index,
    overscan: OVERSCAN,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT + (places.groups.length > 0 ? GROUP_HEIGHT : 0),
    initialOffset: () => scrolls.get(pageKey()) ?? 0,
    // The row with the tab stop stays mounted, so that scrolling away does not lose the focus.
    rangeExtractor: (range: Range) => withIndex(defaultRangeExtractor(range), places.rows.get(focus.row)),
  });
  useEffect(() => {
    virtualizer.measure();
  }, [virtualizer, height, items]);

  useGridHandle(handle, { ids: rows.ids, items, places: places.rows, plan, virtualizer, scroller });
  useTabStop(items, places.rows, address.event, (index) => {
    virtualizer.scrollToIndex(index, { align: "auto" });
  });
  const onFocus = useFocusTracking();
  const failing = useFailing();

  return (
    <div
      ref={scroller}
      className={`board-grid ${address.view}`}
      role="grid"
      aria-label={text.title}
      aria-multiselectable="true"
      aria-rowcount={items.length + HEAD_ROWS}
      aria-colcount={plan.columnTotal}
      data-density={address.density}
      data-failing={failing}
      style={useTracks(plan, address.columns, preview)}
      onFocus={onFocus}
      onBlur={({ currentTarget, relatedTarget, target }) => {
        if (currentTarget.contains(relatedTarget)) return;
        queueMicrotask(() => {
          if (target.isConnected) focus.wanted = false; // else its row was scrolled away, and another is to have it
        });
      }}
      onScroll={(event) => {
        scrolls.set(pageKey(), event.currentTarget.scrollTop);
      }}
    >
      <GridHead
        {...{ plan, update, actions }}
        sort={address.sort}
        zone={address.zone}
        onPreview={setPreview}
      />
      <div className="body" role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        <GroupHeads {...{ items, plan, virtualizer, onFold }} groups={places.groups} zone={address.zone} />
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index];
          if (item === undefined || item.kind === "group") return null;
          const rowIndex = index + HEAD_ROWS + 1;
          const place = { row: item.row, rowIndex, top: start - HEAD_HEIGHT, height: height(item), plan };
          return <Row key={key} {...{ item, place, address, onToggle }} />;
        })}
      </div>
      <CellTip scroller={scroller} zone={address.zone} />
    </div>
  );
}

function Row(props: {
  item: Exclude<Item, { kind: "group" }>;
  place: { row: string; rowIndex: number; top: number; height: number; plan: GridPlan };
  address: BoardAddress;
  onToggle: (eventId: string) => void;
}) {
  const { item, place, address, onToggle } = props;
  switch (item.kind) {
    case "event":
      return (
        <EventRow
          {...place}
          eventId={item.eventId}
          expandable={address.view === "compare"}
          open={address.view === "compare" && expansion(address.expanded)(item.eventId)}
          zone={address.zone}
          onToggle={onToggle}
        />
      );
    case "rival":
      return <RivalRow {...place} eventId={item.eventId} bookmaker={item.bookmaker} />;
    case "book":
      return (
        <BookRow
          {...place}
          eventId={item.eventId}
          bookmaker={item.bookmaker}
          first={item.first}
          zone={address.zone}
        />
      );
  }
}

type BoardVirtualizer = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>;

/** The heads of the groups that reach into the screen; each stays at the top for as long as its rows do. */
function GroupHeads(props: {
  items: readonly Item[];
  groups: readonly number[];
  plan: GridPlan;
  virtualizer: BoardVirtualizer;
  zone: string;
  onFold: (group: string) => void;
}) {
  const { items, groups, plan, virtualizer, zone, onFold } = props;
  const mounted = virtualizer.getVirtualItems();
  const [first, last] = [mounted[0]?.index ?? 0, mounted.at(-1)?.index ?? -1];
  const starts = virtualizer.measurementsCache;
  return groups.map((index) => {
    const item = items[index];
    const start = starts[index]?.start;
    if (item?.kind !== "group" || start === undefined) return null;
    const end = starts[index + item.rows]?.end ?? start;
    if (index > last || index + item.rows < first) return null;
    return (
      <GroupHead
        key={item.row}
        row={item.row}
        group={item.group}
        count={item.count}
        folded={item.folded}
        zone={zone}
        rowIndex={index + HEAD_ROWS + 1}
        top={start - HEAD_HEIGHT}
        extent={end - start}
        columnTotal={plan.columnTotal}
        onFold={onFold}
      />
    );
  });
}

/** Where the Board was scrolled to, by page: going to an event and back finds it again. */
const scrolls = new Map<string, number>();

function pageKey(): string {
  return window.location.pathname;
}

function heightOf(item: Item | undefined, density: Density): number {
  switch (item?.kind) {
    case "rival":
      return RIVAL_HEIGHT;
    case "book":
      return BOOK_HEIGHTS[density];
    case "group":
      return GROUP_HEIGHT;
    default:
      return ROW_HEIGHTS[density];
  }
}

function useItems(rows: Rows, address: BoardAddress) {
  const layout = useLayout();
  const store = useOddsStore();
  const { view, group, folded, expanded, zone, books } = address;
  const { ids, watched } = rows;
  return useMemo(() => {
    const rivals = shownBooks(books, layout);
    const items = itemsOf(store, ids, rivals, { view, group, folded, expanded, zone, watched });
    const groups = items.flatMap((item, index) => (item.kind === "group" ? [index] : []));
    return { items, places: { rows: new Map(items.map((item, index) => [item.row, index])), groups } };
  }, [store, layout, ids, watched, view, group, folded, expanded, zone, books]);
}

/** The bookmakers that answer nothing now, as CSS selects them. */
function useFailing(): string {
  const sources = useSources();
  const down = useLayout().bookmakers.flatMap(({ code }, index) =>
    sources[code]?.state === "down" || sources[code]?.state === "refused" ? [index] : [],
  );
  return down.join(" ");
}

function useTracks(
  plan: GridPlan,
  chosen: BoardAddress["columns"],
  preview: { id: string; width: number } | null,
): CSSProperties {
  const layout = useLayout();
  const columns =
    preview === null
      ? chosen
      : [...(chosen ?? []).filter(({ id }) => id !== preview.id), { ...preview, pinned: false }];
  const tracks = tracksOf(plan, columns, layout);
  return {
    ["--columns" as string]: tracks.row,
    ["--pinned" as string]: tracks.pinned,
    ["--least-width" as string]: `${tracks.least}px`,
  };
}

function useGridHandle(
  handle: RefObject<GridHandle | null>,
  parts: {
    ids: readonly string[];
    items: readonly Item[];
    places: ReadonlyMap<string, number>;
    plan: GridPlan;
    virtualizer: BoardVirtualizer;
    scroller: RefObject<HTMLDivElement | null>;
  },
): void {
  const focus = useGridFocus();
  useImperativeHandle(handle, () => {
    const { ids, items, places, plan, virtualizer, scroller } = parts;
    const goTo = (index: number, column = focus.column) => {
      const item = items[Math.min(items.length - 1, Math.max(0, index))];
      if (item === undefined) return;
      virtualizer.scrollToIndex(places.get(item.row)!, { align: "auto" });
      focus.move(item.row, Math.min(plan.columnTotal - 1, Math.max(0, column)), true);
      // A row that is not mounted yet takes the focus itself when it is.
      const isGroup = item.kind === "group";
      focusCell(scroller.current?.querySelector(`[data-row="${item.row}"]`), isGroup ? 0 : focus.column);
    };
    const at = () => places.get(focus.row) ?? 0;
    // The first key shows where the focus is; the next ones move it.
    const from = (step: number) => (scroller.current?.contains(document.activeElement) ? at() + step : at());
    const screenful = () => Math.max(1, virtualizer.getVirtualItems().length - 2 * OVERSCAN - 1);
    const current = () => items[at()];
    return {
      moveRow: (step, extend = false) => {
        const anchor = focus.anchor !== "" ? focus.anchor : focus.row;
        goTo(step === "first" ? 0 : step === "last" ? items.length - 1 : from(step));
        extendSelection(focus, items, places, extend ? anchor : "");
      },
      moveScreen: (direction) => {
        goTo(at() + direction * screenful());
        extendSelection(focus, items, places, "");
      },
      moveColumn: (step) => {
        goTo(at(), focus.column + step);
      },
      reveal: (eventId) => {
        const last = items.findLastIndex((item) => item.kind !== "group" && item.eventId === eventId);
        if (last >= 0) virtualizer.scrollToIndex(last, { align: "auto" });
      },
      currentEvent: () => {
        const item = current();
        return item === undefined || item.kind === "group" ? "" : item.eventId;
      },
      currentGroup: () => {
        const item = current();
        return item?.kind === "group" ? item.group : "";
      },
      currentColumn: () =>
        plan.segments.find(({ start, span }) => focus.column >= start && focus.column < start + span)?.id ??
        "",
      selection: () => {
        const chosen = items.filter(({ row }) => focus.selected.has(row));
        return chosen.length > 0 ? chosen : items.slice(at(), at() + 1);
      },
      lastVisible: () => {
        const range = virtualizer.range;
        const shown = items.slice(0, range === null ? 0 : range.endIndex + 1);
        const last = shown.findLast((item) => item.kind !== "group");
        return last === undefined ? -1 : ids.indexOf(last.eventId);
      },
    };
  });
}

/** Select from the anchor to the row that has the focus; "" ends the selection. */
function extendSelection(
  focus: GridFocus,
  items: readonly Item[],
  places: ReadonlyMap<string, number>,
  anchor: string,
): void {
  const [from, to] = [places.get(anchor), places.get(focus.row)];
  if (from === undefined || to === undefined) {
    focus.select("", []);
    return;
  }
  const rows = items.slice(Math.min(from, to), Math.max(from, to) + 1);
  focus.select(
    anchor,
    rows.flatMap((item) => (item.kind === "group" ? [] : [item.row])),
  );
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
      if (row.startsWith(GROUP_ROW)) {
        focus.move(row, focus.column, true);
        return;
      }
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
