import { useMemo } from "react";
import { Link, useLocation } from "wouter";
import { text } from "@text/coverage";
import { BookTag, useBookName } from "@/components/odds/BookTag";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { optionsOf, Pick } from "@/components/ui/PageBar";
import { Segmented } from "@/components/ui/Segmented";
import { Sheet, type SheetColumn } from "@/components/ui/Sheet";
import { OWN, seriesOf, shortName } from "@/lib/bookmakers";
import { usePreferences } from "@/lib/preferences";
import { useAskAgain, useRest } from "@/lib/rest";
import { useOddsStore } from "@/lib/store/useOdds";
import { BROWSER_ZONE, clockTime, fullTime, shortDay } from "@/lib/timezone";
import { fetchEventCoverage } from "../api/fetchCoverage";
import { coverageRows, type Counts, type CoverageRow, type EventCoverage } from "../coverage";
import { EVENT_CSV, eventsCsv } from "../csv";
import { VIEWS } from "../filters";
import type { TabProps } from "./Coverage";

/** Leagues and, where open, their events: who lists how many, and what is missing on which side. */
export function EventsTab({ filters, update, bar }: TabProps) {
  const [, go] = useLocation();
  const query = new URLSearchParams({
    view: filters.view,
    ...(filters.ctry !== "" && { country: filters.ctry }),
    ...(filters.q !== "" && { q: filters.q }),
    ...(filters.x.length > 0 && { with_events: "true" }),
  }).toString();
  const { data, error, refetch } = useRest(["/api/coverage/events", query], (signal) =>
    fetchEventCoverage(query, signal),
  );
  useAskAgain(refetch);
  const rows = useMemo(
    () => coverageRows(data?.leagues ?? [], filters.x, filters.sort),
    [data, filters.x, filters.sort],
  );
  const toggle = (slug: string) =>
    update({
      x: filters.x.includes(slug) ? filters.x.filter((each) => each !== slug) : [...filters.x, slug],
    });
  const columns = useEventColumns(data, toggle);
  const open = (row: CoverageRow) => {
    if (row.kind === "event") go(`/event/${row.event.id}`);
    else toggle(row.key);
  };
  return (
    <>
      {bar(
        <>
          <Segmented
            name={text.viewName}
            value={filters.view}
            options={optionsOf(VIEWS, text.views)}
            onChange={(view) => update({ view })}
          />
          <Countries filters={filters} update={update} data={data} />
        </>,
        <Tools data={data} query={query} />,
      )}
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      <Sheet
        name={text.tabs.events}
        columns={columns}
        rows={rows}
        keyOf={({ key }) => key}
        levelOf={(row) => (row.kind === "league" ? { level: 1, expanded: row.open } : { level: 2 })}
        onOpen={open}
        rowKeys={{ x: (row) => row.kind === "league" && toggle(row.key) }}
        sort={filters.sort}
        onSort={(sort) => update({ sort })}
        loading={data === undefined && error === null}
        empty={<Empty filters={filters} update={update} />}
      />
    </>
  );
}

function Countries({ filters, update, data }: Omit<TabProps, "bar"> & { data: EventCoverage | undefined }) {
  const countries = new Set(data?.leagues.map(({ competition }) => competition.country));
  if (filters.ctry !== "") countries.add(filters.ctry);
  const options = [...countries].sort().map((value) => ({ value, label: value }));
  return (
    <Pick
      label={text.country}
      value={filters.ctry}
      options={[{ value: "", label: text.anyCountry }, ...options]}
      onChange={(ctry) => update({ ctry })}
    />
  );
}

function Tools({ data, query }: { data: EventCoverage | undefined; query: string }) {
  const nameOf = useBookName();
  const store = useOddsStore();
  const zone = usePreferences().zone || BROWSER_ZONE;
  if (data === undefined) return null;
  const { totals, bookmakers, countedAt } = data;
  return (
    <>
      <span
        className="page-counts summary"
        title={countedAt === null ? undefined : text.countedAt(fullTime(countedAt, zone))}
      >
        <span>{text.matched(totals.matched)}</span>
        {bookmakers.map((code) => (
          <span key={code} className="muted">
            {text.only(nameOf(code), totals.only[code] ?? 0)}
          </span>
        ))}
      </span>
      <CsvSave
        subject="coverage_events"
        header={EVENT_CSV}
        rows={async () => {
          const whole = new URLSearchParams(query);
          whole.set("with_events", "true");
          return eventsCsv(await fetchEventCoverage(whole.toString(), AbortSignal.timeout(30_000)), zone);
        }}
        count={totals.events * bookmakers.length}
        now={() => store.now()}
      />
    </>
  );
}

function useEventColumns(
  data: EventCoverage | undefined,
  onToggle: (slug: string) => void,
): SheetColumn<CoverageRow>[] {
  const nameOf = useBookName();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const codes = data?.bookmakers ?? [];
  const totals = data?.totals;
  return [
    {
      key: "league",
      name: text.head.league,
      width: 230,
      grow: 2,
      cell: (row) =>
        row.kind === "league" ? (
          <LeagueName row={row} onToggle={onToggle} />
        ) : (
          <EventName row={row} zone={zone} />
        ),
      total: text.total,
    },
    {
      key: "events",
      name: text.head.events,
      width: 66,
      end: true,
      sorts: true,
      cell: (row) => row.kind === "league" && row.league.events,
      total: totals?.events,
    },
    ...codes.map((code): SheetColumn<CoverageRow> => ({
      key: code,
      name: <BookTag code={code} />,
      width: 74,
      grow: 0.5,
      end: true,
      sorts: true,
      cell: (row) =>
        row.kind === "league" ? (
          <Share code={code} count={row.league.bookmakers[code] ?? 0} of={row.league.events} />
        ) : (
          <Listed row={row} code={code} />
        ),
      tip: (row) =>
        row.kind === "league"
          ? text.share(row.league.bookmakers[code] ?? 0, row.league.events)
          : listedTip(row, code, nameOf(code)),
      total: totals?.bookmakers[code],
    })),
    {
      key: "here",
      name: text.head.here,
      width: 104,
      end: true,
      sorts: true,
      cell: (row) => row.kind === "league" && <Missing count={row.league.missingHere} />,
      total: totals?.missingHere,
    },
    {
      key: "there",
      name: text.head.there,
      width: 150,
      grow: 0.8,
      sorts: true,
      cell: (row) => row.kind === "league" && <There counts={row.league.missingThere} />,
      total: totals !== undefined && <There counts={totals.missingThere} />,
    },
    {
      key: "margins",
      name: text.head.margins,
      width: 90,
      cell: (row) =>
        row.kind === "league" && (
          <Link
            tabIndex={-1}
            href={`/margins/${row.key}`}
            aria-label={text.marginsOf(row.league.competition.name)}
          >
            {text.margins}
          </Link>
        ),
    },
  ];
}

function LeagueName({
  row,
  onToggle,
}: {
  row: Extract<CoverageRow, { kind: "league" }>;
  onToggle: (slug: string) => void;
}) {
  const { competition, check } = row.league;
  return (
    <>
      <button
        type="button"
        tabIndex={-1}
        className="expand"
        aria-label={competition.name}
        onClick={() => onToggle(row.key)}
      >
        {row.open ? "▾" : "▸"}
      </button>
      {competition.name} <span className="muted">({competition.country})</span>
      {check > 0 && (
        <span className="flag" title={text.checkWhy}>
          {text.check} {check}
        </span>
      )}
    </>
  );
}

function EventName({ row: { event }, zone }: { row: Extract<CoverageRow, { kind: "event" }>; zone: string }) {
  return (
    <span className="child">
      {event.kickoffAt !== null && (
        <span className="muted" title={fullTime(event.kickoffAt, zone)}>
          {shortDay(event.kickoffAt, zone)} {clockTime(event.kickoffAt, zone)}{" "}
        </span>
      )}
      {event.home} – {event.away}
      {event.check && (
        <span className="flag" title={text.checkWhy}>
          {text.check}
        </span>
      )}
    </span>
  );
}

function Share({ code, count, of }: { code: string; count: number; of: number }) {
  const share = of === 0 ? 0 : Math.round((count / of) * 100);
  return (
    <span className="share" data-series={seriesOf(code)}>
      {count}
      <i style={{ width: `${share}%` }} />
    </span>
  );
}

function Listed({ row, code }: { row: Extract<CoverageRow, { kind: "event" }>; code: string }) {
  const listed = row.event.bookmakers.find(({ bookmaker }) => bookmaker === code);
  if (listed === undefined) return <span className="muted">{text.notListed}</span>;
  const sign = listed.state === "open" || listed.state === "started" ? "●" : "■";
  return (
    <span className={`listed-${listed.state}`}>
      {sign} <span className="visually-hidden">{listed.state}</span>
    </span>
  );
}

function listedTip(row: Extract<CoverageRow, { kind: "event" }>, code: string, name: string): string {
  const listed = row.event.bookmakers.find(({ bookmaker }) => bookmaker === code);
  const words: Readonly<Record<string, string>> = text.states;
  return listed === undefined
    ? text.notListedAt(name)
    : text.listed(name, words[listed.state] ?? listed.state, listed.markets);
}

function Missing({ count }: { count: number }) {
  return count === 0 ? <span className="muted">{text.none}</span> : <span className="missing">{count}</span>;
}

function There({ counts }: { counts: Counts }) {
  const missing = Object.entries(counts).filter(([code, count]) => count > 0 && code !== OWN);
  if (missing.length === 0) return <span className="muted">{text.none}</span>;
  return (
    <span className="missing">
      {missing.map(([code, count]) => `${shortName(code)} ${count}`).join(" · ")}
    </span>
  );
}

function Empty({ filters, update }: Omit<TabProps, "bar">) {
  const narrowed = filters.q !== "" || filters.ctry !== "" || filters.view !== "all";
  return (
    <>
      <h2>{narrowed ? text.noEvents.title : text.noEvents.none}</h2>
      {narrowed && (
        <button type="button" className="button" onClick={() => update({ q: "", ctry: "", view: "all" })}>
          {text.noEvents.clear}
        </button>
      )}
    </>
  );
}
