import { useRef } from "react";
import { Link, useLocation } from "wouter";
import { text } from "@text/margins";
import { BookTag } from "@/components/odds/BookTag";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { optionsOf, PageBar, PageSearch, Pick } from "@/components/ui/PageBar";
import { PageFooter } from "@/components/ui/PageFooter";
import { Sheet, type SheetColumn } from "@/components/ui/Sheet";
import { OWN } from "@/lib/bookmakers";
import { formatMargin } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { useQueryState, type Update } from "@/lib/queryState";
import { useAskAgain, useRest } from "@/lib/rest";
import { useOddsStore } from "@/lib/store/useOdds";
import { useVersion } from "@/lib/store/useStatus";
import { BROWSER_ZONE, fullTime } from "@/lib/timezone";
import { fetchMargins } from "../api/fetchMargins";
import { tableCsv, tableHeader } from "../csv";
import { DAYS, TABLE_FIELDS, type TableFilters } from "../filters";
import { tintOf, type MarginRow, type Margins as MarginsAnswer } from "../margins";
import { Sparkline } from "./Sparkline";
import "./Margins.css";

/** Is my margin right, by league and market? */
export function Margins() {
  const [filters, update] = useQueryState(TABLE_FIELDS);
  const [, go] = useLocation();
  const version = useVersion();
  const query = new URLSearchParams({
    days: filters.days,
    sort: filters.sort,
    page_size: "500",
    ...(filters.ctry !== "" && { country: filters.ctry }),
    ...(filters.mk !== "" && { market: filters.mk }),
    ...(filters.q !== "" && { q: filters.q }),
  }).toString();
  const { data, error, refetch } = useRest(["/api/margins", query], (signal) => fetchMargins(query, signal));
  useAskAgain(refetch);
  const rivals = rivalsOf(data);
  return (
    <main className="page margins">
      <h1 className="visually-hidden">{text.title}</h1>
      <Bar filters={filters} update={update} data={data} rivals={rivals} />
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      <Sheet
        name={text.title}
        columns={columnsOf(rivals)}
        rows={data?.rows ?? []}
        keyOf={(row) => `${row.competition.id}/${row.marketId}:${row.line}`}
        onOpen={(row) => go(`/margins/${row.competition.id}`)}
        sort={filters.sort}
        onSort={(sort) => update({ sort: TABLE_FIELDS.sort.read(sort) })}
        loading={data === undefined && error === null}
        empty={<Empty filters={filters} update={update} />}
      />
      <PageFooter version={version}>
        <span className="above">{text.legend.lower}</span>
        <span className="below">{text.legend.higher}</span>
      </PageFooter>
    </main>
  );
}

function rivalsOf(data: MarginsAnswer | undefined): string[] {
  return [...new Set(data?.rows.flatMap(({ rivals }) => Object.keys(rivals)))];
}

interface BarProps {
  filters: TableFilters;
  update: Update<TableFilters>;
}

function Bar(props: BarProps & { data: MarginsAnswer | undefined; rivals: readonly string[] }) {
  const { filters, update, data, rivals } = props;
  const field = useRef<HTMLInputElement>(null);
  const store = useOddsStore();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const rows = data?.rows ?? [];
  const markets = new Map(
    rows.map((row) => [row.line === "" ? row.marketId : `${row.marketId}:${row.line}`, row.market]),
  );
  const countries = new Set(rows.map(({ competition }) => competition.country));
  if (filters.mk !== "" && !markets.has(filters.mk)) markets.set(filters.mk, filters.mk);
  if (filters.ctry !== "") countries.add(filters.ctry);
  const tools = data !== undefined && (
    <>
      <span
        className="page-counts"
        title={data.until === null ? undefined : text.until(fullTime(data.until, zone))}
      >
        {text.counts(rows.length, data.total)}
      </span>
      <CsvSave
        subject="margins"
        header={tableHeader(rivals)}
        rows={() => tableCsv(rows, rivals)}
        count={rows.length}
        now={() => store.now()}
      />
    </>
  );
  return (
    <PageBar tools={tools}>
      <PageSearch label={text.search} field={field} value={filters.q} onChange={(q) => update({ q })} />
      <Pick
        label={text.days}
        value={filters.days}
        options={optionsOf(DAYS, text.dayCounts)}
        onChange={(days) => update({ days })}
      />
      <Pick
        label={text.market}
        value={filters.mk}
        options={[
          { value: "", label: text.anyMarket },
          ...[...markets].map(([value, label]) => ({ value, label })),
        ]}
        onChange={(mk) => update({ mk })}
      />
      <Pick
        label={text.country}
        value={filters.ctry}
        options={[
          { value: "", label: text.anyCountry },
          ...[...countries].sort().map((value) => ({ value, label: value })),
        ]}
        onChange={(ctry) => update({ ctry })}
      />
    </PageBar>
  );
}

const margin = (value: number | null | undefined) => (value == null ? text.none : formatMargin(value));

function signed(difference: number | null): string {
  if (difference === null) return text.none;
  const shown = formatMargin(difference);
  return difference > 0 && shown !== "0.0" ? `+${shown}` : shown;
}

function columnsOf(rivals: readonly string[]): SheetColumn<MarginRow>[] {
  const head = text.head;
  return [
    {
      key: "competition",
      name: head.competition,
      width: 200,
      grow: 2,
      sorts: true,
      cell: ({ competition }) => (
        <Link tabIndex={-1} href={`/margins/${competition.id}`}>
          {competition.name} <span className="muted">({competition.country})</span>
        </Link>
      ),
    },
    {
      key: "market",
      name: head.market,
      width: 110,
      grow: 1,
      cell: ({ market }) => market,
      tip: ({ market }) => market,
    },
    {
      key: "margin",
      name: head.own,
      width: 70,
      end: true,
      sorts: true,
      cell: ({ own }) => <b>{margin(own)}</b>,
    },
    ...rivals.map((code): SheetColumn<MarginRow> => ({
      key: code,
      name: <BookTag code={code} />,
      width: 70,
      end: true,
      cell: (row) => margin(row.rivals[code]),
    })),
    {
      key: "difference",
      name: head.difference,
      width: 96,
      end: true,
      sorts: true,
      cell: ({ difference }) => signed(difference),
      className: ({ difference }) => tintOf(difference),
      tip: () => text.differenceWhy,
    },
    { key: "events", name: head.events, width: 66, end: true, cell: ({ events }) => events },
    {
      key: "moved",
      name: head.moved,
      width: 130,
      end: true,
      cell: ({ closes }) => `${margin(closes[OWN]?.opening)} → ${margin(closes[OWN]?.closing)}`,
    },
    { key: "spark", name: head.spark, width: 134, cell: ({ sparkline }) => <Sparkline values={sparkline} /> },
  ];
}

function Empty({ filters, update }: BarProps) {
  const narrowed = filters.q !== "" || filters.mk !== "" || filters.ctry !== "";
  return (
    <>
      <h2>{text.empty.title}</h2>
      <p>{text.empty.why}</p>
      {narrowed && (
        <button type="button" className="button" onClick={() => update({ q: "", mk: "", ctry: "" })}>
          {text.empty.clear}
        </button>
      )}
    </>
  );
}
