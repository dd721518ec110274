import type { CsvValue } from "@/lib/csv";
import { withOffset } from "@/lib/timezone";
import type { Alert } from "./alert";

export const CSV_COLUMNS = [
  "id", "opened_at", "opened_local", "resolved_at", "resolved_by", "rule", "condition", "title", "detail",
  "sportradar_id", "home", "away", "kickoff_at", "market_id", "line", "market", "outcome", "bookmaker",
  "acknowledged_at", "acknowledged_by", "snoozed_until", "deliveries",
] as const; // prettier-ignore

export function alertsCsv(alerts: readonly Alert[], zone: string): CsvValue[][] {
  return alerts.map((alert): CsvValue[] => [
    alert.id,
    iso(alert.openedAt),
    withOffset(alert.openedAt, zone),
    iso(alert.resolvedAt),
    alert.resolvedBy ?? "",
    alert.rule,
    alert.condition,
    alert.title,
    alert.detail,
    alert.eventId,
    alert.home,
    alert.away,
    iso(alert.kickoffAt),
    alert.marketId,
    alert.line,
    alert.market,
    alert.outcome,
    alert.bookmaker,
    iso(alert.acknowledgedAt),
    alert.acknowledgedBy,
    iso(alert.snoozedUntil),
    alert.deliveries.map(({ channel, state }) => `${channel} ${state}`).join(", "),
  ]);
}

function iso(at: number | null): string {
  return at === null ? "" : new Date(at).toISOString();
}
