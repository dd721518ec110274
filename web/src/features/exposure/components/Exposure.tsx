import { useRef } from "react";
import { useLocation } from "wouter";
import { text } from "@text/exposure";
import { Check } from "@/components/ui/Check";
import { Choices } from "@/components/ui/Choices";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { optionsOf, PageBar, PageSearch, Pick } from "@/components/ui/PageBar";
import { PageFooter } from "@/components/ui/PageFooter";
import { Segmented } from "@/components/ui/Segmented";
import { Sheet } from "@/components/ui/Sheet";
import { useShortcuts } from "@/lib/keys";
import { usePreferences } from "@/lib/preferences";
import { useQueryState, type Update } from "@/lib/queryState";
import { useOddsStore, useServerNow } from "@/lib/store/useOdds";
import { useVersion } from "@/lib/store/useStatus";
import { BROWSER_ZONE } from "@/lib/timezone";
import { eventPath, leagueChoice, marketChoice } from "@/lib/wire/marketRef";
import { CSV_COLUMNS, exposureCsv } from "../csv";
import { FIELDS, MIN_PROFITS, STATES, type Filters } from "../filters";
import { useExposures, type ExposureList } from "../hooks/useExposures";
import { closedColumns, openColumns } from "./columns";
import "./Exposure.css";

/** Where my prices are a leg of something that wins whatever happens. */
export function Exposure() {
  const [filters, update] = useQueryState(FIELDS);
  const [, go] = useLocation();
  const { zone: chosen, format } = usePreferences();
  const zone = chosen || BROWSER_ZONE;
  const store = useOddsStore();
  const now = useServerNow();
  const list = useExposures(filters, zone);
  const look = { zone, format, now, staleAfterMs: store.staleAfterMs, oldest: list.oldest };
  useShortcuts([
    { keys: ["v"], run: () => update({ state: filters.state === "open" ? "closed" : "open", sort: "" }) },
  ]);
  return (
    <main className="page exposure">
      <h1 className="visually-hidden">{text.title}</h1>
      <Bar filters={filters} update={update} list={list} zone={zone} />
      {list.error !== null && <Failure reason={list.error.message} onRetry={list.retry} />}
      <Sheet
        key={filters.state}
        name={text.title}
        columns={filters.state === "open" ? openColumns(look) : closedColumns(look)}
        rows={list.rows}
        keyOf={({ id }) => id}
        rowClass={({ suppressed }) => (suppressed.length > 0 ? "hidden" : "")}
        onOpen={(row) => go(eventPath(row))}
        sort={filters.sort || (filters.state === "open" ? "-profit" : "-closed")}
        onSort={(sort) => update({ sort: FIELDS.sort.read(sort) })}
        loading={list.data === undefined && list.error === null}
        empty={<Empty filters={filters} update={update} />}
      />
      <PageFooter version={useVersion()}>
        <span>{text.legend.sum}</span>
        <span>{text.legend.age}</span>
      </PageFooter>
    </main>
  );
}

function Bar(props: { filters: Filters; update: Update<Filters>; list: ExposureList; zone: string }) {
  const { filters, update, list, zone } = props;
  const field = useRef<HTMLInputElement>(null);
  const store = useOddsStore();
  const { data, rows } = list;
  const all = data?.rows ?? [];
  const tools = (
    <>
      {data !== undefined && (
        <span className="page-counts">
          {text.counts(data.open, data.closed24h)}
          {data.total > all.length && (
            <span className="muted"> · {text.newestOf(all.length, data.total)}</span>
          )}
        </span>
      )}
      <CsvSave
        subject="exposure"
        header={CSV_COLUMNS}
        rows={() => exposureCsv(rows, zone)}
        count={rows.reduce((sum, { legs }) => sum + legs.length, 0)}
        now={() => store.now()}
      />
    </>
  );
  return (
    <PageBar tools={tools}>
      <PageSearch label={text.search} field={field} value={filters.q} onChange={(q) => update({ q })} />
      <Segmented
        name={text.which}
        value={filters.state}
        options={optionsOf(STATES, text.states)}
        onChange={(state) => update({ state, sort: "" })}
      />
      <Pick
        label={text.min}
        value={filters.min}
        options={optionsOf(MIN_PROFITS, text.mins)}
        onChange={(min) => update({ min })}
      />
      <Choices
        label={text.markets}
        chosen={filters.mk}
        found={() => all.map(marketChoice)}
        onChange={(mk) => update({ mk })}
      />
      <Choices
        label={text.leagues}
        chosen={filters.comp}
        found={() => all.flatMap(leagueChoice)}
        onChange={(comp) => update({ comp })}
      />
      <Check label={text.mineOnly} on={filters.mine} onChange={(mine) => update({ mine })} />
      <Check label={text.suppressed} on={filters.hidden} onChange={(hidden) => update({ hidden })} />
    </PageBar>
  );
}

function Empty({ filters, update }: { filters: Filters; update: Update<Filters> }) {
  const narrowed = filters.mk.length + filters.comp.length > 0 || filters.q !== "";
  return (
    <>
      <h2>{narrowed ? text.empty.filtered : text.empty[filters.state]}</h2>
      {!narrowed && filters.state === "open" && <p>{text.empty.openWhy}</p>}
      {narrowed && (
        <button type="button" className="button" onClick={() => update({ mk: [], comp: [], q: "" })}>
          {text.empty.clear}
        </button>
      )}
      {filters.min !== "0" && (
        <button type="button" className="button" onClick={() => update({ min: "0" })}>
          {text.empty.any}
        </button>
      )}
      {filters.mine && (
        <button type="button" className="button" onClick={() => update({ mine: false })}>
          {text.empty.everyone}
        </button>
      )}
    </>
  );
}
