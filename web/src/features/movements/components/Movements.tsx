import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import { text } from "@text/movements";
import { useBookName } from "@/components/odds/BookTag";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { PageFooter } from "@/components/ui/PageFooter";
import { Sheet } from "@/components/ui/Sheet";
import { useShortcuts } from "@/lib/keys";
import { usePreferences } from "@/lib/preferences";
import { useQueryState, type Update } from "@/lib/queryState";
import { useOddsStore, useServerNow } from "@/lib/store/useOdds";
import { useVersion } from "@/lib/store/useStatus";
import { BROWSER_ZONE } from "@/lib/timezone";
import { useSeen } from "@/lib/unseen";
import { eventPath } from "@/lib/wire/marketRef";
import { CSV_COLUMNS, movementsCsv } from "../csv";
import { FIELDS, type Filters } from "../filters";
import { useMovements, type MovementList } from "../hooks/useMovements";
import { lineOf, type Movement } from "../movement";
import { movementColumns, type MovementRow } from "./columns";
import { FilterBar } from "./FilterBar";
import "@/components/ui/PageBar.css";
import "./Movements.css";

/** Who moved, and have I followed? */
export function Movements() {
  const [filters, update] = useQueryState(FIELDS);
  const [, go] = useLocation();
  const [pointed, setPointed] = useState(false);
  const list = useMovements(filters, filters.paused || pointed);
  const rows = useMemo(() => list.rows.flatMap(rowOf), [list.rows]);
  const columns = useColumns();
  useSeen("/movements");
  useShortcuts([
    { keys: ["p"], run: () => update({ paused: !filters.paused }) },
    { keys: ["r"], run: list.showNew },
  ]);
  return (
    <main className="page movements">
      <h1 className="visually-hidden">{text.title}</h1>
      <FilterBar filters={filters} update={update} all={list.all} tools={<Tools list={list} />}>
        <LiveButton filters={filters} update={update} pointed={pointed} list={list} />
      </FilterBar>
      {list.error !== null && <Failure reason={list.error.message} onRetry={list.retry} />}
      <Sheet
        name={text.title}
        columns={columns}
        rows={rows}
        keyOf={({ movement }) => movement.id}
        rowClass={({ line }) => (line.waiting === null ? "" : "waits")}
        onOpen={({ movement }) => go(eventPath(movement))}
        onHold={setPointed}
        loading={list.loading}
        empty={<Empty filters={filters} update={update} />}
      />
      <Footer />
    </main>
  );
}

function rowOf(movement: Movement): MovementRow[] {
  const line = lineOf(movement);
  return line === null ? [] : [{ movement, line }];
}

function useColumns() {
  const { zone, format } = usePreferences();
  const now = useServerNow();
  const nameOf = useBookName();
  return movementColumns({ zone: zone || BROWSER_ZONE, format, now, nameOf });
}

function LiveButton(props: {
  filters: Filters;
  update: Update<Filters>;
  pointed: boolean;
  list: MovementList;
}) {
  const { filters, update, pointed, list } = props;
  const [label, why] = filters.paused
    ? [text.paused, text.pausedWhy]
    : pointed
      ? [text.held, text.heldWhy]
      : [text.live, text.liveWhy];
  return (
    <>
      <button
        type="button"
        className="button"
        aria-pressed={filters.paused}
        title={why}
        onClick={() => update({ paused: !filters.paused })}
      >
        {label}
      </button>
      {list.waiting > 0 && (
        <button
          type="button"
          className="button active"
          onClick={list.showNew}
          aria-label={text.showNew(list.waiting)}
        >
          {text.waiting(list.waiting)}
        </button>
      )}
    </>
  );
}

function Tools({ list }: { list: MovementList }) {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const store = useOddsStore();
  const unanswered = list.rows.filter((row) =>
    row.unanswered.some((each) => each.answeredAt === null),
  ).length;
  return (
    <>
      <span className="page-counts">
        {text.counts(list.rows.length, unanswered)}
        {list.unfetched > 0 && (
          <span className="muted"> · {text.newestOf(list.all.length, list.all.length + list.unfetched)}</span>
        )}
      </span>
      <Link className="button" href="/alerts?tab=rules">
        {text.rules}
      </Link>
      <CsvSave
        subject="movements"
        header={CSV_COLUMNS}
        rows={() => movementsCsv(list.matching, zone)}
        count={movementsCsv(list.matching, zone).length}
        now={() => store.now()}
      />
    </>
  );
}

function Empty({ filters, update }: { filters: Filters; update: Update<Filters> }) {
  const clear: Partial<Filters> = { who: "all", kind: "all", mk: [], bk: [], comp: [], q: "" };
  const narrowed = Object.entries(clear).some(
    ([name, value]) => String(filters[name as keyof Filters]) !== String(value),
  );
  return (
    <>
      <h2>{narrowed ? text.empty.title : text.empty.quiet(text.windows[filters.win])}</h2>
      {filters.win !== "24h" && (
        <button type="button" className="button" onClick={() => update({ win: "24h" })}>
          {text.empty.longer}
        </button>
      )}
      {filters.min !== "0" && (
        <button type="button" className="button" onClick={() => update({ min: "0" })}>
          {text.empty.anySize}
        </button>
      )}
      {narrowed && (
        <button type="button" className="button" onClick={() => update(clear)}>
          {text.empty.clear}
        </button>
      )}
    </>
  );
}

function Footer() {
  return (
    <PageFooter version={useVersion()}>
      <span className="above">
        <span aria-hidden="true">▲</span> {text.legend.up}
      </span>
      <span className="below">
        <span aria-hidden="true">▼</span> {text.legend.down}
      </span>
      <span>
        <i className="dot" aria-hidden="true">
          ●
        </i>{" "}
        {text.legend.unanswered}
      </span>
    </PageFooter>
  );
}
