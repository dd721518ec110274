import type { CompetitionWire } from "@/types/wire";
import { optionalRecord, text, textOr, type Json } from "./read";

/** A market of an event with what a reader calls it; teams are "" for an event that left the server's memory. */
export interface MarketRef {
  eventId: string;
  home: string;
  away: string;
  kickoffAt: number | null;
  competition: CompetitionWire | null;
  marketId: string;
  line: string;
  market: string;
}

export function decodeMarketRef(row: Json, path: string): MarketRef {
  return {
    eventId: text(row, "sportradar_id", path),
    home: textOr(row, "home", ""),
    away: textOr(row, "away", ""),
    kickoffAt: momentOrNull(row.kickoff_at),
    competition: competitionOf(row.competition, `${path}.competition`),
    marketId: textOr(row, "market_id", ""),
    line: textOr(row, "line", ""),
    market: textOr(row, "market", ""),
  };
}

export function competitionOf(value: unknown, path: string): CompetitionWire | null {
  if (value === null || value === undefined) return null;
  const row = optionalRecord(value, path);
  return { id: textOr(row, "id", ""), name: textOr(row, "name", ""), country: textOr(row, "country", "") };
}

/** Read an ISO time as milliseconds; anything else is null. */
export function momentOrNull(value: unknown): number | null {
  const at = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? null : at;
}

export function teams(row: Pick<MarketRef, "home" | "away" | "eventId">): string {
  return row.home === "" ? row.eventId : `${row.home} – ${row.away}`;
}

/** The address of an event, at one of its markets. */
export function eventPath(row: Pick<MarketRef, "eventId" | "marketId" | "line">): string {
  const market = row.line === "" ? row.marketId : `${row.marketId}:${row.line}`;
  return `/event/${row.eventId}${market === "" ? "" : `?mk=${market}`}`;
}

/** A market type as a choice: all its lines are one. */
export function marketChoice({ marketId, market, line }: MarketRef) {
  return { value: marketId, name: line === "" ? market : market.replace(` ${line}`, ""), hint: "" };
}

export function leagueChoice({ competition }: Pick<MarketRef, "competition">) {
  return competition === null
    ? []
    : [{ value: competition.id, name: competition.name, hint: competition.country }];
}
