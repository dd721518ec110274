import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { text } from "@text/board";
import { useMarkets } from "@/lib/live/useWebSocket";
import { useEventCount, useLayout, useLoaded, useOddsStore } from "@/lib/store/useOdds";
import { useRuns } from "@/lib/store/useStatus";
import { OddsFormatContext } from "@/lib/oddsFormat";
import type { BoardAddress } from "../address";
import { referenceWords } from "@/components/odds/reference";
import { GridFocus, GridFocusContext } from "../gridFocus";
import { useBoardAddress, type UpdateAddress } from "../hooks/useBoardAddress";
import { useBoardKeys } from "../hooks/useBoardKeys";
import { useColumns } from "../hooks/useColumns";
import { usePanel, type PanelProps } from "../hooks/usePanel";
import { useNotice } from "../hooks/useNotice";
import { useRows, type Rows } from "../hooks/useRows";
import { rowQuery } from "../rows";
import { BoardFooter } from "./BoardFooter";
import { ColumnsMenu } from "./ColumnsMenu";
import { CsvMenu } from "./CsvMenu";
import { EmptyDatabase, LoadingBoard, NoMatch } from "./EmptyBoard";
import { FilterBar } from "./FilterBar";
import { Grid, type GridHandle } from "./Grid";
import { ViewsMenu } from "./ViewsMenu";
import "./Board.css";

/** The Board: every event's own prices against the market, in one of three views. */
export function Board(props: { runNow: ReactNode; panel: (props: PanelProps) => ReactNode }) {
  const { runNow, panel } = props;
  const layout = useLayout();
  const store = useOddsStore();
  const loaded = useLoaded();
  const total = useEventCount();
  const runs = useRuns();
  const [focus] = useState(() => new GridFocus());
  const [address, update] = useBoardAddress(layout);
  const [notice, onSay] = useNotice();
  const search = useRef<HTMLInputElement>(null);
  const grid = useRef<GridHandle>(null);

  useMarkets(useMemo(() => [...(address.markets ?? []), address.market].filter(Boolean), [address]));
  useEffect(() => {
    store.setReference(address.reference);
  }, [store, address.reference]);

  const query = useMemo(() => rowQuery(address), [address]);
  const rows = useRows(
    query,
    useCallback(() => grid.current?.lastVisible() ?? -1, []),
    runs.active !== null && runs.last === null,
  );
  const [plan, actions] = useColumns(address, update);
  const { onToggle, onFold } = useFolding(update, rows);
  useBoardKeys({ address, update, rows, plan, grid, search, onToggle, onFold, onSay });

  const panelProps = usePanel(address, update, rows, grid);

  const tools = (
    <>
      <ColumnsMenu {...{ address, update, plan, actions }} />
      <CsvMenu ids={rows.ids} {...{ address, plan, onSay }} />
      <ViewsMenu {...{ address, update, onSay }} />
    </>
  );
  return (
    <GridFocusContext value={focus}>
      <OddsFormatContext value={address.format}>
        <main className="board">
          <h1 className="visually-hidden">{text.title}</h1>
          <FilterBar
            {...{ address, update, rows, total, search, tools }}
            onLeave={() => grid.current?.moveRow(0)}
          />
          <MissingMarkets address={address} />
          {!loaded ? (
            <LoadingBoard />
          ) : total === 0 ? (
            <EmptyDatabase runNow={runNow} />
          ) : rows.ids.length === 0 ? (
            <NoMatch address={address} update={update} />
          ) : (
            <Grid handle={grid} {...{ rows, address, plan, actions, update, onToggle, onFold }} />
          )}
          {panelProps !== null && panel(panelProps)}
          <p className="notice" role="status">
            {notice}
          </p>
          <BoardFooter {...{ address, update }} reference={referenceWords(address.reference, layout)} />
        </main>
      </OddsFormatContext>
    </GridFocusContext>
  );
}

/** Says which markets were asked for and have not come yet. */
function MissingMarkets({ address }: { address: BoardAddress }) {
  const layout = useLayout();
  const missing = (address.markets ?? []).filter(
    (key) => !layout.columns.some((column) => column.key === key),
  );
  if (missing.length === 0 || layout.columns.length === 0) return null;
  return (
    <p className="missing-markets" role="status">
      {text.loadingMarkets(missing.join(", "))}
    </p>
  );
}

/** What a key folds or opens is judged by the newest address, not by the one drawn: keys may come faster. */
function useFolding(update: UpdateAddress, rows: Rows) {
  const drawn = useRef(rows);
  useEffect(() => {
    drawn.current = rows;
  });
  const onToggle = useCallback(
    (eventId: string) =>
      update(({ expanded }) => {
        const open = expanded === "all" ? drawn.current.ids : expanded;
        return {
          expanded: open.includes(eventId) ? open.filter((id) => id !== eventId) : [...open, eventId],
        };
      }),
    [update],
  );
  const onFold = useCallback(
    (group: string) =>
      update(({ folded }) => ({
        folded: folded.includes(group) ? folded.filter((each) => each !== group) : [...folded, group],
      })),
    [update],
  );
  return { onToggle, onFold };
}
