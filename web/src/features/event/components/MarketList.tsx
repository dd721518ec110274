import { memo, useCallback, useMemo, useRef, useState, useSyncExternalStore, type RefObject } from "react";
import { text } from "@text/event";
import { CellTip } from "@/components/odds/CellTip";
import { formatGap } from "@/lib/format";
import { cellKey } from "@/lib/store/oddsStore";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import type { EventAddress } from "../address";
import { groupNames, mainLine, marketRows, type MarketRow } from "../marketRows";
import { codeOf } from "../series";
import { MarketCell } from "./MarketCell";

interface Props {
  eventId: string;
  groups: ReadonlyMap<string, readonly string[]>;
  address: EventAddress;
  update: (change: Partial<EventAddress>) => void;
  search: RefObject<HTMLInputElement | null>;
  zone: string;
}

const words = text.list;

/** Every market of the event at all bookmakers; the one that is pressed has its history shown. */
export function MarketList({ eventId, groups, address, update, search, zone }: Props) {
  const layout = useLayout();
  const store = useOddsStore();
  const scroller = useRef<HTMLDivElement>(null);
  const { group, q, minGap, everywhere } = address;
  // Asked when the filters or the markets change: a price alone never moves a row.
  const rows = useMemo(
    () => marketRows(store, store.event(eventId), groups, { group, q, minGap, everywhere }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the layout tells of other markets in the same store
    [store, layout, eventId, groups, group, q, minGap, everywhere],
  );
  const total = useMemo(() => new Set(layout.columns.map(({ marketId }) => marketId)).size, [layout]);
  const listed = layout.bookmakers
    .map((_, index) => index)
    .filter((index) => store.event(eventId)?.listings[index] !== undefined);
  return (
    <section className="event-markets" aria-label={words.title}>
      <Filters {...{ groups, address, update, search }} count={words.shown(rows.length, total)} />
      <div
        className="market-rows"
        ref={scroller}
        data-event={eventId}
        tabIndex={0}
        role="region"
        aria-label={words.title}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">{words.market}</th>
              {listed.map((bookmaker) => (
                <th key={bookmaker} scope="col" title={layout.bookmakers[bookmaker]?.name}>
                  {codeOf(layout.bookmakers[bookmaker]?.code ?? "")}
                </th>
              ))}
              <th scope="col">{words.gap}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.marketId} {...{ eventId, row, listed, update }} chosen={address.market} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && (
          <p className="history-none">
            {words.nothing}{" "}
            <button
              type="button"
              className="button"
              onClick={() => {
                update({ group: "", q: "", minGap: 0, everywhere: false });
              }}
            >
              {words.clear}
            </button>
          </p>
        )}
      </div>
      <CellTip scroller={scroller} zone={zone} />
    </section>
  );
}

function Filters(props: Pick<Props, "groups" | "address" | "update" | "search"> & { count: string }) {
  const { groups, address, update, search, count } = props;
  const names = useMemo(() => ["", ...groupNames(groups)], [groups]);
  return (
    <div className="market-filters">
      <div className="market-tabs" role="group" aria-label={words.title}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={address.group === name}
            onClick={() => {
              update({ group: name });
            }}
          >
            {name === "" ? words.all : name}
          </button>
        ))}
      </div>
      <input
        ref={search}
        type="search"
        placeholder={words.search}
        aria-label={words.search}
        value={address.q}
        onChange={(event) => {
          update({ q: event.target.value });
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={address.minGap > 0}
          onChange={(event) => {
            update({ minGap: event.target.checked ? 2 : 0 });
          }}
        />
        {words.differences}
      </label>
      <input
        type="number"
        className="market-gap"
        min="0"
        max="99"
        step="0.5"
        aria-label={words.percentName}
        value={address.minGap || 2}
        onChange={(event) => {
          update({ minGap: Math.max(0, Number(event.target.value)) });
        }}
      />
      {words.percent}
      <label className="check">
        <input
          type="checkbox"
          checked={address.everywhere}
          onChange={(event) => {
            update({ everywhere: event.target.checked });
          }}
        />
        {words.everywhere}
      </label>
      <span className="market-count">{count}</span>
    </div>
  );
}

/** One market type with the line that is picked; the lines of one type never stand below each other. */
const Row = memo(function Row(props: {
  eventId: string;
  row: MarketRow;
  listed: readonly number[];
  chosen: string;
  update: Props["update"];
}) {
  const { eventId, row, listed, chosen, update } = props;
  const { columns } = useLayout();
  const store = useOddsStore();
  const [picked, setPicked] = useState<string | null>(null);
  const keys = row.columns.map((column) => columns[column]?.key ?? "");
  const wanted = keys.includes(chosen) ? chosen : picked;
  const main = row.columns.length > 1 ? mainLine(store, store.event(eventId), row.columns) : row.columns[0]!;
  const column = row.columns[keys.indexOf(wanted ?? "")] ?? main;
  const { key = "", outcomes = [] } = columns[column] ?? {};
  return (
    <tr className={keys.includes(chosen) ? "current" : ""} data-market={key}>
      <th scope="row">
        <button
          type="button"
          className="market-name"
          title={row.name}
          aria-pressed={keys.includes(chosen)}
          onClick={() => {
            update({ market: key, outcome: 0 });
          }}
        >
          {row.name}
        </button>
        {row.columns.length > 1 && (
          <select
            aria-label={words.line(row.name)}
            value={key}
            onChange={(event) => {
              setPicked(event.target.value);
              update({ market: event.target.value, outcome: 0 });
            }}
          >
            {row.columns.map((each) => (
              <option key={each} value={columns[each]?.key}>
                {columns[each]?.line}
              </option>
            ))}
          </select>
        )}
      </th>
      {listed.map((bookmaker) => (
        <td key={bookmaker} className="book-prices">
          <table>
            <tbody>
              {chunks(outcomes.length).map(([from, to]) => (
                <tr key={from}>
                  {outcomes.slice(from, to).map((outcome, index) => (
                    <MarketCell
                      key={outcome}
                      {...{ eventId, bookmaker, column }}
                      outcome={from + index}
                      withGap={false}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </td>
      ))}
      <Gap eventId={eventId} column={column} />
    </tr>
  );
});

const PER_LINE = 3;

function chunks(count: number): [number, number][] {
  const lines = Math.ceil(count / PER_LINE);
  return Array.from({ length: lines }, (_, line) => [line * PER_LINE, (line + 1) * PER_LINE]);
}

/** The widest own gap of a market. */
function Gap({ eventId, column }: { eventId: string; column: number }) {
  const gap = useWidest(eventId, column);
  return <td className="market-widest">{gap === null ? "–" : formatGap(gap)}</td>;
}

/** Follows the own cells of the market, whose gaps are told of every rival's price too. */
function useWidest(eventId: string, column: number): number | null {
  const store = useOddsStore();
  const { columns, own } = useLayout();
  const count = columns[column]?.outcomes.length ?? 0;
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = Array.from({ length: count }, (_, outcome) =>
        store.subscribe(cellKey(eventId, own, column, outcome), listener),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
    [store, eventId, own, column, count],
  );
  return useSyncExternalStore(subscribe, () => {
    let widest: number | null = null;
    for (let outcome = 0; outcome < count; outcome++) {
      const { gap } = store.cell(eventId, own, column, outcome);
      if (gap !== null && (widest === null || Math.abs(gap) > Math.abs(widest))) widest = gap;
    }
    return widest;
  });
}
