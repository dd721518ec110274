import type { CompetitionWire } from "@/types/wire";
import { competitionOf, momentOrNull } from "@/lib/wire/marketRef";
import {
  asText,
  list,
  number,
  numberOr,
  optionalRecord,
  record,
  text,
  textOr,
  type Json,
} from "@/lib/wire/read";

export type Counts = Readonly<Record<string, number>>;

/** How many events there are, at whom, and what is missing where. */
export interface Sums {
  events: number;
  bookmakers: Counts;
  missingHere: number;
  missingThere: Counts;
  check: number;
}

export interface ListedAt {
  bookmaker: string;
  state: string;
  markets: number;
}

export interface CoveredEvent {
  id: string;
  home: string;
  away: string;
  kickoffAt: number | null;
  check: boolean;
  bookmakers: readonly ListedAt[];
}

export interface League extends Sums {
  competition: CompetitionWire;
  /** Empty unless asked for. */
  rows: readonly CoveredEvent[];
}

export interface EventCoverage {
  totals: Sums & { matched: number; only: Counts };
  leagues: readonly League[];
  bookmakers: readonly string[];
  countedAt: number | null;
}

function counts(value: unknown, path: string): Counts {
  const row = optionalRecord(value, path);
  return Object.fromEntries(Object.keys(row).map((code) => [code, number(row, code, path)]));
}

function sums(row: Json, path: string): Sums {
  return {
    events: number(row, "events", path),
    bookmakers: counts(row.bookmakers, path),
    missingHere: number(row, "missing_here", path),
    missingThere: counts(row.missing_there, path),
    check: number(row, "check", path),
  };
}

/** @throws WireError Another shape. */
export function decodeEventCoverage(body: unknown): EventCoverage {
  const answer = record(body, "coverage");
  const totals = record(answer.totals, "coverage.totals");
  return {
    totals: {
      ...sums(totals, "coverage.totals"),
      matched: number(totals, "matched", "coverage.totals"),
      only: counts(totals.only, "coverage.totals.only"),
    },
    leagues: list(answer, "competitions", "coverage", (value, path) => {
      const row = record(value, path);
      return {
        ...sums(row, path),
        competition: competitionOf(row.competition, path) ?? { id: "", name: "", country: "" },
        rows: list(row, "rows", path, coveredEvent),
      };
    }),
    bookmakers: list(answer, "bookmakers", "coverage", asText),
    countedAt: momentOrNull(answer.counted_at),
  };
}

function coveredEvent(value: unknown, path: string): CoveredEvent {
  const row = record(value, path);
  return {
    id: text(row, "sportradar_id", path),
    home: textOr(row, "home", ""),
    away: textOr(row, "away", ""),
    kickoffAt: momentOrNull(row.kickoff_at),
    check: row.check === true,
    bookmakers: list(row, "bookmakers", path, (each, at) => {
      const listed = record(each, at);
      return {
        bookmaker: text(listed, "bookmaker", at),
        state: textOr(listed, "state", ""),
        markets: numberOr(listed, "markets", 0),
      };
    }),
  };
}

export interface MarketCoverage {
  books: readonly { bookmaker: string; types: number; markets: number; unmapped: number }[];
  groups: readonly { sport: string; group: string; types: number; bookmakers: Counts }[];
}

/** @throws WireError Another shape. */
export function decodeMarketCoverage(body: unknown): MarketCoverage {
  const answer = record(body, "coverage");
  return {
    books: list(answer, "bookmakers", "coverage", (value, path) => {
      const row = record(value, path);
      return {
        bookmaker: text(row, "bookmaker", path),
        types: number(row, "market_types", path),
        markets: number(row, "markets", path),
        unmapped: number(row, "unmapped_types", path),
      };
    }),
    groups: list(answer, "groups", "coverage", (value, path) => {
      const row = record(value, path);
      return {
        sport: text(row, "sport", path),
        group: text(row, "group", path),
        types: number(row, "market_types", path),
        bookmakers: counts(row.bookmakers, path),
      };
    }),
  };
}

/** Something that one side offers and the other does not. */
export interface Gap {
  kind: "event" | "competition" | "market" | "line";
  missingAt: string;
  status: "not_offered" | "unmapped";
  competition: CompetitionWire | null;
  marketId: string;
  line: string;
  name: string;
  events: number;
  offering: readonly string[];
  frequency: number;
  score: number;
  sample: { id: string; home: string; away: string; kickoffAt: number | null };
}

export function decodeGap(value: unknown, path: string): Gap {
  const row = record(value, path);
  const sample = record(row.sample_event, path);
  return {
    kind: text(row, "kind", path) as Gap["kind"],
    missingAt: textOr(row, "missing_at", ""),
    status: text(row, "status", path) as Gap["status"],
    competition: competitionOf(row.competition, path),
    marketId: textOr(row, "market_id", ""),
    line: textOr(row, "line", ""),
    name: textOr(row, "name", ""),
    events: number(row, "events", path),
    offering: list(row, "offering", path, asText),
    frequency: number(row, "frequency", path),
    score: number(row, "score", path),
    sample: {
      id: text(sample, "sportradar_id", path),
      home: textOr(sample, "home", ""),
      away: textOr(sample, "away", ""),
      kickoffAt: momentOrNull(sample.kickoff_at),
    },
  };
}

export interface Unmapped {
  bookmaker: string;
  sport: string;
  id: string;
  name: string;
  events: number;
  outcomes: number;
  timesSeen: number;
  firstSeenAt: number;
  lastSeenAt: number;
  sample: { id: string; home: string; away: string } | null;
  /** As the server wrote it, for whoever copies it. */
  raw: Json;
}

export function decodeUnmapped(value: unknown, path: string): Unmapped {
  const row = record(value, path);
  const sample = row.sample_event === null ? null : record(row.sample_event, path);
  return {
    bookmaker: text(row, "bookmaker", path),
    sport: text(row, "sport", path),
    id: text(row, "id", path),
    name: textOr(row, "name", ""),
    events: number(row, "events", path),
    outcomes: number(row, "outcomes", path),
    timesSeen: number(row, "times_seen", path),
    firstSeenAt: momentOrNull(row.first_seen_at) ?? 0,
    lastSeenAt: momentOrNull(row.last_seen_at) ?? 0,
    sample:
      sample === null
        ? null
        : {
            id: text(sample, "sportradar_id", path),
            home: textOr(sample, "home", ""),
            away: textOr(sample, "away", ""),
          },
    raw: row,
  };
}

/** A line of the events tab: a league, or one of its events when it is open. */
export type CoverageRow =
  | { kind: "league"; key: string; league: League; open: boolean }
  | { kind: "event"; key: string; event: CoveredEvent };

/** Put the events of open leagues under them. @param sort "" keeps the server's order; a book's code, "here", "events". */
export function coverageRows(
  leagues: readonly League[],
  open: readonly string[],
  sort: string,
): CoverageRow[] {
  const by = sort.replace(/^-/, "");
  const sign = sort.startsWith("-") ? -1 : 1;
  const figure = (league: League) =>
    by === "here"
      ? league.missingHere
      : by === "there"
        ? Object.values(league.missingThere).reduce((sum, count) => sum + count, 0)
        : by === "events"
          ? league.events
          : (league.bookmakers[by] ?? 0);
  const ordered = by === "" ? leagues : [...leagues].sort((a, b) => sign * (figure(a) - figure(b)));
  return ordered.flatMap((league) => {
    const isOpen = open.includes(league.competition.id);
    const head: CoverageRow = { kind: "league", key: league.competition.id, league, open: isOpen };
    const events = isOpen ? league.rows : [];
    return [
      head,
      ...events.map((event): CoverageRow => ({
        kind: "event",
        key: `${league.competition.id}/${event.id}`,
        event,
      })),
    ];
  });
}
