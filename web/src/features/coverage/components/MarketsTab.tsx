import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { text } from "@text/coverage";
import { BookTag } from "@/components/odds/BookTag";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { optionsOf } from "@/components/ui/PageBar";
import { Segmented } from "@/components/ui/Segmented";
import { Sheet, type SheetColumn } from "@/components/ui/Sheet";
import { seriesOf } from "@/lib/bookmakers";
import { usePreferences } from "@/lib/preferences";
import { useAskAgain, useRest } from "@/lib/rest";
import { useOddsStore } from "@/lib/store/useOdds";
import { searchable } from "@/lib/text";
import { BROWSER_ZONE, clockTime, fullTime, shortDay } from "@/lib/timezone";
import { eventPath } from "@/lib/wire/marketRef";
import { fetchGaps, fetchMarketCoverage } from "../api/fetchCoverage";
import type { Gap, MarketCoverage } from "../coverage";
import { GAP_CSV, gapsCsv, GROUP_CSV, groupsCsv } from "../csv";
import { MARKET_VIEWS } from "../filters";
import type { TabProps } from "./Coverage";

/** Which market types are read at whom, and what to add first. */
export function MarketsTab(props: TabProps) {
  const { filters, update } = props;
  const which = (
    <Segmented
      name={text.marketViewName}
      value={filters.mv}
      options={optionsOf(MARKET_VIEWS, text.marketViews)}
      onChange={(mv) => update({ mv })}
    />
  );
  return filters.mv === "groups" ? <Groups {...props} which={which} /> : <Gaps {...props} which={which} />;
}

type Group = MarketCoverage["groups"][number];

function Groups({ filters, bar, which }: TabProps & { which: ReactNode }) {
  const store = useOddsStore();
  const { data, error, refetch } = useRest(["/api/coverage/markets"], fetchMarketCoverage);
  useAskAgain(refetch);
  const words = searchable(filters.q);
  const rows =
    data?.groups.filter(({ group, sport }) => searchable(`${group} ${sport}`).includes(words)) ?? [];
  const columns: SheetColumn<Group>[] = [
    {
      key: "group",
      name: text.groupHead.group,
      width: 180,
      grow: 1,
      cell: ({ group }) => group,
      total: text.books,
    },
    { key: "sport", name: text.groupHead.sport, width: 110, cell: ({ sport }) => sport },
    { key: "types", name: text.groupHead.types, width: 120, end: true, cell: ({ types }) => types },
    ...(data?.books ?? []).map(({ bookmaker, types }): SheetColumn<Group> => ({
      key: bookmaker,
      name: <BookTag code={bookmaker} />,
      width: 110,
      grow: 0.6,
      end: true,
      cell: (row) => <Share code={bookmaker} count={row.bookmakers[bookmaker] ?? 0} of={row.types} />,
      tip: (row) => text.mappedShare(row.bookmakers[bookmaker] ?? 0, row.types),
      total: types,
    })),
  ];
  const tools = (
    <CsvSave
      subject="coverage_markets"
      header={GROUP_CSV}
      rows={() => groupsCsv(rows)}
      count={rows.length * (data?.books.length ?? 0)}
      now={() => store.now()}
    />
  );
  return (
    <>
      {bar(which, tools)}
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      <Sheet
        name={text.tabs.markets}
        columns={columns}
        rows={rows}
        keyOf={({ sport, group }) => `${sport}/${group}`}
        loading={data === undefined && error === null}
        empty={<h2>{text.nothing}</h2>}
      />
    </>
  );
}

function Share({ code, count, of }: { code: string; count: number; of: number }) {
  const share = of === 0 ? 0 : Math.round((count / of) * 100);
  return (
    <span className="share" data-series={seriesOf(code)}>
      {count} <span className="muted">{share} %</span>
      <i style={{ width: `${share}%` }} />
    </span>
  );
}

function Gaps({ filters, bar, which }: TabProps & { which: ReactNode }) {
  const [, go] = useLocation();
  const store = useOddsStore();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const query = new URLSearchParams({
    side: filters.mv,
    ...(filters.q !== "" && { q: filters.q }),
  }).toString();
  const { data, error, refetch } = useRest(["/api/coverage/gaps", query], (signal) =>
    fetchGaps(query, signal),
  );
  useAskAgain(refetch);
  const rows = data?.rows ?? [];
  const tools = (
    <CsvSave
      subject={`coverage_missing_${filters.mv}`}
      header={GAP_CSV}
      rows={() => gapsCsv(rows)}
      count={rows.length}
      now={() => store.now()}
    />
  );
  return (
    <>
      {bar(which, tools)}
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      <Sheet
        name={text.marketViews[filters.mv]}
        columns={gapColumns(zone)}
        rows={rows}
        keyOf={(gap) =>
          [
            gap.kind,
            gap.missingAt,
            gap.marketId,
            gap.line,
            gap.competition?.id,
            gap.kind === "event" && gap.sample.id,
          ].join("/")
        }
        onOpen={({ sample, marketId, line }) => go(eventPath({ eventId: sample.id, marketId, line }))}
        loading={data === undefined && error === null}
        empty={<h2>{text.nothing}</h2>}
      />
    </>
  );
}

function gapColumns(zone: string): SheetColumn<Gap>[] {
  const head = text.gapHead;
  return [
    {
      key: "score",
      name: head.score,
      width: 60,
      end: true,
      cell: ({ score }) => score.toFixed(2),
      tip: () => text.scoreWhy,
    },
    { key: "what", name: head.what, width: 72, cell: ({ kind }) => text.kinds[kind] },
    {
      key: "name",
      name: head.name,
      width: 200,
      grow: 2,
      cell: ({ kind, name, sample, competition }) =>
        kind === "event"
          ? `${sample.home} – ${sample.away}`
          : kind === "competition"
            ? competition?.name
            : name,
    },
    {
      key: "league",
      name: head.league,
      width: 150,
      grow: 1,
      cell: ({ competition }) => competition !== null && `${competition.name} (${competition.country})`,
    },
    {
      key: "offering",
      name: head.offering,
      width: 130,
      cell: ({ offering }) =>
        offering.map((code) => (
          <span key={code}>
            <BookTag code={code} />{" "}
          </span>
        )),
    },
    { key: "missing", name: head.missing, width: 90, cell: ({ missingAt }) => <BookTag code={missingAt} /> },
    { key: "events", name: head.events, width: 66, end: true, cell: ({ events }) => events },
    {
      key: "share",
      name: head.share,
      width: 84,
      end: true,
      cell: ({ frequency }) => `${Math.round(frequency * 100)} %`,
    },
    {
      key: "kickoff",
      name: head.kickoff,
      width: 130,
      cell: ({ sample: { kickoffAt } }) =>
        kickoffAt !== null && `${shortDay(kickoffAt, zone)} ${clockTime(kickoffAt, zone)}`,
      tip: ({ sample: { kickoffAt } }) => (kickoffAt === null ? undefined : fullTime(kickoffAt, zone)),
    },
    { key: "status", name: head.status, width: 120, cell: ({ status }) => text.statuses[status] },
  ];
}
