import { text } from "@text/exposure";
import { BookTag } from "@/components/odds/BookTag";
import type { SheetColumn } from "@/components/ui/Sheet";
import { formatAge, formatOdds, type OddsFormat } from "@/lib/format";
import { clockTime, fullTime } from "@/lib/timezone";
import { teams } from "@/lib/wire/marketRef";
import { legsOf, type Exposure, type Leg } from "../exposure";

interface Look {
  zone: string;
  format: OddsFormat;
  /** By the server's clock. */
  now: number;
  staleAfterMs: number;
  oldest: (row: Exposure) => number | null;
}

const percent = (fraction: number) => `${(fraction * 100).toFixed(2)} %`;

export function openColumns({ now, zone, staleAfterMs, oldest, format }: Look): SheetColumn<Exposure>[] {
  const isOld = (row: Exposure) => now - (oldest(row) ?? now) > staleAfterMs;
  return [
    {
      key: "since",
      name: text.head.since,
      width: 74,
      sorts: true,
      cell: ({ openedAt }) => formatAge(now - openedAt),
      tip: ({ openedAt }) => text.openedAt(fullTime(openedAt, zone)),
    },
    ...whatColumns(zone, format),
    {
      key: "sum",
      name: text.head.sum,
      width: 68,
      end: true,
      sorts: true,
      cell: ({ total }) => total.toFixed(3),
    },
    {
      key: "profit",
      name: text.head.profit,
      width: 74,
      end: true,
      sorts: true,
      cell: ({ profit }) => percent(profit),
      className: () => "own",
    },
    peakColumn(zone),
    {
      key: "age",
      name: text.head.age,
      width: 96,
      end: true,
      sorts: true,
      cell: (row) => {
        const at = oldest(row);
        return at === null ? text.none : formatAge(now - at);
      },
      className: (row) => (isOld(row) ? "muted" : ""),
    },
  ];
}

export function closedColumns({ zone, format }: Look): SheetColumn<Exposure>[] {
  const closedBy: Readonly<Record<string, string>> = text.closed;
  return [
    {
      key: "closed",
      name: text.head.ended,
      width: 72,
      sorts: true,
      cell: ({ closedAt }) => (closedAt === null ? "" : clockTime(closedAt, zone)),
      tip: ({ closedAt }) => (closedAt === null ? undefined : fullTime(closedAt, zone)),
    },
    ...whatColumns(zone, format),
    peakColumn(zone),
    {
      key: "since",
      name: text.head.opened,
      width: 76,
      end: true,
      sorts: true,
      cell: ({ openedAt }) => clockTime(openedAt, zone),
      tip: ({ openedAt }) => fullTime(openedAt, zone),
    },
    {
      key: "lasted",
      name: text.head.lasted,
      width: 76,
      end: true,
      sorts: true,
      cell: ({ openedAt, closedAt }) => formatAge((closedAt ?? openedAt) - openedAt),
    },
    {
      key: "by",
      name: text.head.closedBy,
      width: 120,
      cell: (row) => closedBy[row.closedBy ?? ""] ?? row.closedBy,
    },
  ];
}

function whatColumns(zone: string, format: OddsFormat): SheetColumn<Exposure>[] {
  const legs = (shown: readonly Leg[]) =>
    shown
      .map(({ outcome, bookmaker, odds }) => `${outcome} ${bookmaker} ${formatOdds(odds, format)}`)
      .join(" · ");
  return [
    {
      key: "event",
      name: text.head.event,
      width: 200,
      grow: 2,
      cell: (row) => (
        <>
          {teams(row)}{" "}
          {row.kickoffAt !== null && <span className="muted">{clockTime(row.kickoffAt, zone)}</span>}
        </>
      ),
      tip: (row) =>
        [
          row.competition?.name,
          row.competition?.country,
          row.kickoffAt === null ? "" : text.kickoff(fullTime(row.kickoffAt, zone)),
          hiddenWhy(row),
        ]
          .filter(Boolean)
          .join(" · "),
    },
    {
      key: "market",
      name: text.head.market,
      width: 110,
      grow: 1,
      cell: ({ market }) => market,
      tip: ({ market }) => market,
    },
    {
      key: "mine",
      name: text.head.mine,
      width: 110,
      grow: 0.6,
      cell: (row) => {
        const { mine } = legsOf(row);
        if (mine.length === 0) return <span className="muted">{text.noLeg}</span>;
        return mine.map(({ outcome, odds }) => (
          <span key={outcome} className="leg">
            {outcome} <b>{formatOdds(odds, format)}</b>
          </span>
        ));
      },
      tip: (row) => legs(legsOf(row).mine) || undefined,
    },
    {
      key: "others",
      name: text.head.others,
      width: 180,
      grow: 1.6,
      cell: (row) =>
        legsOf(row).others.map(({ outcome, bookmaker, odds }) => (
          <span key={outcome} className="leg">
            {outcome} <BookTag code={bookmaker} /> {formatOdds(odds, format)}
          </span>
        )),
      tip: (row) => legs(legsOf(row).others) || undefined,
    },
  ];
}

function peakColumn(zone: string): SheetColumn<Exposure> {
  return {
    key: "peak",
    name: text.head.peak,
    width: 74,
    end: true,
    sorts: true,
    cell: ({ peak }) => percent(peak),
    tip: ({ peakAt }) => text.peakAt(fullTime(peakAt, zone)),
  };
}

/** Why rules keep an exposure off the list, undefined where they do not. */
function hiddenWhy({ suppressed }: Exposure): string | undefined {
  const words: Readonly<Record<string, string>> = text.hidden;
  return suppressed.length === 0
    ? undefined
    : text.hiddenWhy(suppressed.map((each) => words[each] ?? each).join(", "));
}
