import {
  useCallback,
  useEffect,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
  type RefObject,
} from "react";
import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useShortcuts } from "@/lib/keys";
import { DENSITIES, setPreferences, usePreferences, type Density } from "@/lib/preferences";
import "./Sheet.css";

export interface SheetColumn<Row> {
  key: string;
  name: ReactNode;
  /** Least width in px. */
  width: number;
  /** Its share of what is left over; without one it stays as wide as it is. */
  grow?: number;
  end?: boolean;
  /** Whether a click on the head sorts by it. */
  sorts?: boolean;
  cell: (row: Row) => ReactNode;
  /** Shown when the pointer rests on the cell. */
  tip?: (row: Row) => string | undefined;
  className?: (row: Row) => string;
  /** In the last row, which always shows. */
  total?: ReactNode;
}

interface Props<Row> {
  name: string;
  columns: readonly SheetColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Enter or a click on a row. */
  onOpen?: (row: Row) => void;
  /** Other keys of the row that has the focus. */
  rowKeys?: Readonly<Record<string, (row: Row) => void>>;
  rowClass?: (row: Row) => string;
  /** For rows in rows: depth from 1, and whether a row's own are shown. */
  levelOf?: (row: Row) => { level: number; expanded?: boolean };
  /** "profit" ascending, "-profit" descending. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Grey rows under real heads. */
  loading?: boolean;
  /** What stands in place of the rows where there are none. */
  empty?: ReactNode;
  /** Whether the pointer or the focus is on the rows: nothing may move under it. */
  onHold?: (held: boolean) => void;
}

const ROW_HEIGHTS: Readonly<Record<Density, number>> = { compact: 24, normal: 28, roomy: 34 };
const HEAD_HEIGHT = 28;
const OVERSCAN = 8;
const GREY_ROWS = 20;

/** Rows of one height under heads that stay: only those on screen are mounted, one of them is the tab stop. */
export function Sheet<Row>(props: Props<Row>) {
  const { columns, rows, keyOf, levelOf, empty, loading = false } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const height = ROW_HEIGHTS[usePreferences().density];
  const [current, setCurrent] = useState("");
  const at = Math.max(
    0,
    rows.findIndex((row) => keyOf(row) === current),
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => keyOf(rows[index]!),
    overscan: OVERSCAN,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
    rangeExtractor: (range: Range) =>
      withIndex(defaultRangeExtractor(range), rows.length > 0 ? at : undefined),
  });
  useEffect(() => {
    virtualizer.measure();
  }, [virtualizer, height]);
  const go = useGo(scroller, rows, keyOf, virtualizer, setCurrent);
  useSheetKeys({
    ...props,
    at,
    go,
    screen: Math.floor((scroller.current?.clientHeight ?? 400) / height) - 2,
  });
  const isEmpty = !loading && rows.length === 0;
  const sheet = (
    <div
      ref={scroller}
      className={isEmpty ? "sheet bare" : "sheet"}
      role={levelOf === undefined ? "grid" : "treegrid"}
      aria-label={props.name}
      aria-busy={loading}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      style={{ ...tracksOf(columns), "--sheet-row": `${height}px` } as CSSProperties}
      onPointerEnter={() => props.onHold?.(true)}
      onPointerLeave={() => props.onHold?.(false)}
      tabIndex={rows.length === 0 ? 0 : undefined}
    >
      <Head {...props} />
      {rows.length > 0 && (
        <div className="sheet-body" role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const { level, expanded } = levelOf?.(row) ?? {};
            return (
              <div
                key={key}
                className={`sheet-row ${props.rowClass?.(row) ?? ""}`}
                role="row"
                aria-rowindex={index + 2}
                aria-level={level}
                aria-expanded={expanded}
                data-index={index}
                data-row={key}
                tabIndex={index === at ? 0 : -1}
                style={{ transform: `translateY(${start - HEAD_HEIGHT}px)` }}
                onFocus={() => setCurrent(keyOf(row))}
                onClick={(event) => {
                  if ((event.target as HTMLElement).closest("a, button, input, select") === null)
                    props.onOpen?.(row);
                }}
              >
                <Cells columns={columns} row={row} />
              </div>
            );
          })}
        </div>
      )}
      {loading && rows.length === 0 && (
        <div className="sheet-grey" aria-hidden="true">
          {Array.from({ length: GREY_ROWS }, (_, index) => (
            <i key={index} />
          ))}
        </div>
      )}
      {columns.some(({ total }) => total !== undefined) && rows.length > 0 && <Totals columns={columns} />}
    </div>
  );
  // Heads without rows are still a table; what stands in place of the rows is not part of it.
  return (
    <>
      {sheet}
      {isEmpty && <div className="sheet-empty">{empty}</div>}
    </>
  );
}

function Head<Row>({ columns, sort = "", onSort }: Props<Row>) {
  const by = sort.replace(/^-/, "");
  return (
    <div className="sheet-head" role="rowgroup">
      <div className="sheet-row" role="row" aria-rowindex={1}>
        {columns.map(({ key, name, end, sorts }) => (
          <span
            key={key}
            role="columnheader"
            className={end ? "end" : ""}
            aria-sort={by === key && sorts ? (sort.startsWith("-") ? "descending" : "ascending") : undefined}
          >
            {sorts ? (
              <button type="button" onClick={() => onSort?.(sort === `-${key}` ? key : `-${key}`)}>
                {name}
                {by === key && <i aria-hidden="true">{sort.startsWith("-") ? "▾" : "▴"}</i>}
              </button>
            ) : (
              name
            )}
          </span>
        ))}
      </div>
    </div>
  );
}

function Cells<Row>({ columns, row }: { columns: readonly SheetColumn<Row>[]; row: Row }) {
  return columns.map(({ key, end, cell, tip, className }) => (
    <span
      key={key}
      role="gridcell"
      className={`${end ? "end " : ""}${className?.(row) ?? ""}`}
      title={tip?.(row)}
    >
      {cell(row)}
    </span>
  ));
}

function Totals<Row>({ columns }: { columns: readonly SheetColumn<Row>[] }) {
  return (
    <div className="sheet-total" role="rowgroup">
      <div className="sheet-row" role="row">
        {columns.map(({ key, end, total }) => (
          <span key={key} role="gridcell" className={end ? "end" : ""}>
            {total}
          </span>
        ))}
      </div>
    </div>
  );
}

type Go = (index: number) => void;

/** Move the tab stop and the focus to a row, mounted or not. */
function useGo<Row>(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  virtualizer: ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>,
  setCurrent: (key: string) => void,
): Go {
  const wanted = useRef<number | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (row == null) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });
  return useCallback(
    (index) => {
      const to = Math.min(rows.length - 1, Math.max(0, index));
      const row = rows[to];
      if (row === undefined) return;
      wanted.current = to;
      setCurrent(keyOf(row));
      virtualizer.scrollToIndex(to, { align: "auto" });
      scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus({ preventScroll: true });
    },
    [rows, keyOf, virtualizer, setCurrent, scroller],
  );
}

function useSheetKeys<Row>(
  parts: Pick<Props<Row>, "rows" | "onOpen" | "rowKeys"> & { at: number; go: Go; screen: number },
): void {
  const { rows, at, go, screen, onOpen, rowKeys = {} } = parts;
  const { density } = usePreferences();
  const dense = (step: number) => {
    const next = DENSITIES[DENSITIES.indexOf(density) + step];
    if (next !== undefined) setPreferences({ density: next });
  };
  const inSheet = () => document.activeElement?.closest(".sheet-row") != null;
  const step = (by: number) => go(inSheet() ? at + by : at);
  const here = (act: ((row: Row) => void) | undefined) => {
    const row = rows[at];
    if (row !== undefined) act?.(row);
  };
  useShortcuts([
    { keys: ["j", "ArrowDown"], run: () => step(1) },
    { keys: ["k", "ArrowUp"], run: () => step(-1) },
    { keys: ["PageDown"], run: () => step(screen) },
    { keys: ["PageUp"], run: () => step(-screen) },
    { keys: ["Home"], run: () => go(0) },
    { keys: ["End"], run: () => go(rows.length - 1) },
    { keys: ["["], run: () => dense(-1) },
    { keys: ["]"], run: () => dense(1) },
    ...Object.entries(rowKeys).map(([key, act]) => ({ keys: [key], run: () => here(act) })),
  ]);
  // Enter belongs to a focused button or link; to the row only when the row itself has the focus.
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target;
      if (event.key !== "Enter" || !(target instanceof HTMLElement) || !target.matches(".sheet-row")) return;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const row = rows[at];
      if (row !== undefined) onOpen?.(row);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}

function tracksOf(columns: readonly { width: number; grow?: number }[]) {
  const tracks = columns.map(({ width, grow }) =>
    grow === undefined ? `${width}px` : `minmax(${width}px, ${grow}fr)`,
  );
  const least = columns.reduce((sum, { width }) => sum + width, 0);
  return { "--tracks": tracks.join(" "), "--sheet-least": `${least + 16}px` };
}

function withIndex(indexes: number[], index: number | undefined): number[] {
  if (index === undefined || indexes.includes(index)) return indexes;
  return [...indexes, index].sort((a, b) => a - b);
}
