import { Link, useParams } from "wouter";
import { text } from "@text/margins";
import { BookTag } from "@/components/odds/BookTag";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { optionsOf, PageBar, Pick } from "@/components/ui/PageBar";
import { PageFooter } from "@/components/ui/PageFooter";
import { Segmented } from "@/components/ui/Segmented";
import { OWN } from "@/lib/bookmakers";
import { formatMargin } from "@/lib/format";
import { HttpError } from "@/lib/http";
import { useShortcuts } from "@/lib/keys";
import { useQueryState, type Update } from "@/lib/queryState";
import { useAskAgain, useRest } from "@/lib/rest";
import { useOddsStore } from "@/lib/store/useOdds";
import { useVersion } from "@/lib/store/useStatus";
import { fetchCompetitionMargins } from "../api/fetchMargins";
import { LEAGUE_CSV, leagueCsv } from "../csv";
import { DAYS, LEAGUE_FIELDS, SHOWS, type LeagueFilters } from "../filters";
import { differences, scaleOf, type CompetitionMargins, type MarketMargins, type Spread } from "../margins";
import { BandChart } from "./BandChart";
import "./Margins.css";

/** One league's margins by time to kick-off: a small chart and a table per market, all on one scale. */
export function Competition() {
  const { competition: slug } = useParams<{ competition: string }>();
  const [filters, update] = useQueryState(LEAGUE_FIELDS);
  const version = useVersion();
  const query = `days=${filters.days}`;
  const { data, error, refetch } = useRest(["/api/margins", slug, query], (signal) =>
    fetchCompetitionMargins(slug, query, signal),
  );
  useAskAgain(refetch);
  useShortcuts([
    { keys: ["v"], run: () => update({ show: filters.show === "overlay" ? "difference" : "overlay" }) },
  ]);
  const missing = error instanceof HttpError && error.status === 404;
  return (
    <main className="page margins">
      <Bar filters={filters} update={update} data={data} />
      {error !== null && !missing && <Failure reason={error.message} onRetry={refetch} />}
      <div
        className="league-margins"
        tabIndex={0}
        role="region"
        aria-label={text.title}
        aria-busy={data === undefined && error === null}
      >
        <h1>
          {data === undefined ? (missing ? text.notFound(slug) : text.title) : data.competition.name}{" "}
          {data !== undefined && <span className="muted">{data.competition.country}</span>}
        </h1>
        {missing && <p className="muted">{text.empty.why}</p>}
        {data !== undefined && <Markets data={data} filters={filters} />}
      </div>
      <PageFooter version={version}>
        <span>{text.chartHow}</span>
      </PageFooter>
    </main>
  );
}

interface BarProps {
  filters: LeagueFilters;
  update: Update<LeagueFilters>;
  data: CompetitionMargins | undefined;
}

function Bar({ filters, update, data }: BarProps) {
  const store = useOddsStore();
  const codes = data?.markets[0]?.books.map(({ bookmaker }) => bookmaker) ?? [];
  const toggle = (code: string) =>
    update({
      hide: filters.hide.includes(code)
        ? filters.hide.filter((each) => each !== code)
        : [...filters.hide, code],
    });
  const rows = data === undefined ? [] : leagueCsv(data);
  return (
    <PageBar
      tools={
        <CsvSave
          subject="margins_league"
          header={LEAGUE_CSV}
          rows={() => rows}
          count={rows.length}
          now={() => store.now()}
        />
      }
    >
      <Link className="button" href="/margins">
        {text.back}
      </Link>
      <Pick
        label={text.days}
        value={filters.days}
        options={optionsOf(DAYS, text.dayCounts)}
        onChange={(days) => update({ days })}
      />
      <Segmented
        name={text.show}
        value={filters.show}
        options={optionsOf(SHOWS, text.shows)}
        onChange={(show) => update({ show })}
      />
      <span role="group" aria-label={text.bookmakers} className="toggles">
        {codes.map((code) => (
          <button
            key={code}
            type="button"
            className="button"
            aria-pressed={!filters.hide.includes(code)}
            onClick={() => toggle(code)}
          >
            <BookTag code={code} />
          </button>
        ))}
      </span>
    </PageBar>
  );
}

function Markets({ data, filters }: { data: CompetitionMargins; filters: LeagueFilters }) {
  const shown = data.markets.map((market) => shownMarket(market, filters));
  const scale = scaleOf(
    shown.flatMap(({ books }) => books.flatMap(({ bands }) => bands.flatMap(({ min, max }) => [min, max]))),
  );
  return shown.map((market) => (
    <section key={`${market.marketId}:${market.line}`} className="market-margins">
      <h2>{market.market}</h2>
      {scale !== null && <BandChart name={text.chartOf(market.market)} books={market.books} scale={scale} />}
      <BandTable market={market} />
    </section>
  ));
}

function shownMarket(market: MarketMargins, { hide, show }: LeagueFilters): MarketMargins {
  const own = market.books.find(({ bookmaker }) => bookmaker === OWN);
  const books = market.books.filter(({ bookmaker }) => !hide.includes(bookmaker));
  return { ...market, books: show === "difference" ? books.map((book) => differences(book, own)) : books };
}

function BandTable({ market }: { market: MarketMargins }) {
  return (
    <table className="bands">
      <thead>
        <tr>
          <th scope="col">{text.bandHead}</th>
          {text.bands.slice(0, -1).map((band) => (
            <th key={band} scope="col">
              {band}
            </th>
          ))}
          <th scope="col">{text.overall}</th>
          <th scope="col">{text.uptime}</th>
        </tr>
      </thead>
      <tbody>
        {market.books.map(({ bookmaker, bands, overall }) => (
          <tr key={bookmaker}>
            <th scope="row">
              <BookTag code={bookmaker} />
            </th>
            {bands.map((band, index) => (
              <SpreadCell key={text.bands[index]} spread={band} />
            ))}
            <SpreadCell spread={overall} />
            <td title={text.uptimeWhy}>
              {overall.uptime === null ? text.none : `${Math.round(overall.uptime * 100)} %`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SpreadCell({ spread: { min, mean, max, hours } }: { spread: Spread }) {
  if (min === null || mean === null || max === null) return <td className="muted">{text.none}</td>;
  return (
    <td title={text.cellWhy(Math.round(hours))}>
      {text.cell(formatMargin(min), formatMargin(mean), formatMargin(max))}
    </td>
  );
}
