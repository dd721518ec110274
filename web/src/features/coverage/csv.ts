import type { CsvValue } from "@/lib/csv";
import { withOffset } from "@/lib/timezone";
import type { EventCoverage, Gap, MarketCoverage, Unmapped } from "./coverage";

export const EVENT_CSV = [
  "sportradar_id",
  "kickoff_at",
  "kickoff_local",
  "country",
  "competition",
  "home",
  "away",
  "bookmaker",
  "state",
  "markets",
  "check",
] as const;

/** One row per event and bookmaker; where it is not listed the state says so. */
export function eventsCsv({ leagues, bookmakers }: EventCoverage, zone: string): CsvValue[][] {
  return leagues.flatMap(({ competition, rows }) =>
    rows.flatMap((event) =>
      bookmakers.map((code): CsvValue[] => {
        const listed = event.bookmakers.find(({ bookmaker }) => bookmaker === code);
        return [
          event.id,
          iso(event.kickoffAt),
          event.kickoffAt === null ? "" : withOffset(event.kickoffAt, zone),
          competition.country,
          competition.name,
          event.home,
          event.away,
          code,
          listed?.state ?? "missing",
          listed?.markets ?? 0,
          event.check ? "yes" : "no",
        ];
      }),
    ),
  );
}

export const GROUP_CSV = ["sport", "group", "bookmaker", "types_offered", "types_known"] as const;

export function groupsCsv(groups: MarketCoverage["groups"]): CsvValue[][] {
  return groups.flatMap(({ sport, group, types, bookmakers }) =>
    Object.entries(bookmakers).map(([code, count]): CsvValue[] => [sport, group, code, count, types]),
  );
}

export const GAP_CSV = [
  "kind", "market_id", "line", "name", "country", "competition", "offering", "missing_at", "events", "frequency",
  "nearest_kickoff_at", "score", "status", "sample_sportradar_id", "sample_home", "sample_away",
] as const; // prettier-ignore

export function gapsCsv(gaps: readonly Gap[]): CsvValue[][] {
  return gaps.map((gap): CsvValue[] => [
    gap.kind,
    gap.marketId,
    gap.line,
    gap.name,
    gap.competition?.country ?? "",
    gap.competition?.name ?? "",
    gap.offering.join(" "),
    gap.missingAt,
    gap.events,
    gap.frequency,
    iso(gap.sample.kickoffAt),
    gap.score,
    gap.status,
    gap.sample.id,
    gap.sample.home,
    gap.sample.away,
  ]);
}

export const UNMAPPED_CSV = [
  "bookmaker", "sport", "id", "name", "events", "outcomes", "times_seen", "first_seen_at", "last_seen_at",
  "sample_sportradar_id", "sample_home", "sample_away",
] as const; // prettier-ignore

export function unmappedCsv(rows: readonly Unmapped[]): CsvValue[][] {
  return rows.map((row): CsvValue[] => [
    row.bookmaker,
    row.sport,
    row.id,
    row.name,
    row.events,
    row.outcomes,
    row.timesSeen,
    iso(row.firstSeenAt),
    iso(row.lastSeenAt),
    row.sample?.id ?? "",
    row.sample?.home ?? "",
    row.sample?.away ?? "",
  ]);
}

function iso(at: number | null): string {
  return at === null ? "" : new Date(at).toISOString();
}
