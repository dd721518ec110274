import { momentOrNull } from "@/lib/wire/marketRef";
import { asText, list, number, numberOr, oneOf, optionalRecord, record, text, textOr } from "@/lib/wire/read";

export interface Alert {
  id: string;
  ruleId: string;
  rule: string;
  condition: string;
  title: string;
  detail: string;
  openedAt: number;
  resolvedAt: number | null;
  resolvedBy: string | null;
  acknowledgedAt: number | null;
  acknowledgedBy: string;
  snoozedUntil: number | null;
  eventId: string;
  home: string;
  away: string;
  competitionId: string;
  kickoffAt: number | null;
  marketId: string;
  line: string;
  market: string;
  outcome: string;
  bookmaker: string;
  deliveries: readonly { channel: string; state: string; attempts: number; lastError: string }[];
}

/** @throws WireError Another shape. */
export function decodeAlert(value: unknown, path = "alert"): Alert {
  const row = record(value, path);
  return {
    id: text(row, "id", path),
    ruleId: text(row, "rule_id", path),
    rule: textOr(row, "rule", ""),
    condition: textOr(row, "condition", ""),
    title: textOr(row, "title", ""),
    detail: textOr(row, "detail", ""),
    openedAt: momentOrNull(row.opened_at) ?? 0,
    resolvedAt: momentOrNull(row.resolved_at),
    resolvedBy: textOr(row, "resolved_by", null),
    acknowledgedAt: momentOrNull(row.acknowledged_at),
    acknowledgedBy: textOr(row, "acknowledged_by", ""),
    snoozedUntil: momentOrNull(row.snoozed_until),
    eventId: textOr(row, "sportradar_id", ""),
    home: textOr(row, "home", ""),
    away: textOr(row, "away", ""),
    competitionId: textOr(row, "competition_id", ""),
    kickoffAt: momentOrNull(row.kickoff_at),
    marketId: textOr(row, "market_id", ""),
    line: textOr(row, "line", ""),
    market: textOr(row, "market", ""),
    outcome: textOr(row, "outcome", ""),
    bookmaker: textOr(row, "bookmaker", ""),
    deliveries: list(row, "deliveries", path, (each, at) => {
      const sent = record(each, at);
      return {
        channel: text(sent, "channel", at),
        state: textOr(sent, "state", ""),
        attempts: numberOr(sent, "attempts", 0),
        lastError: textOr(sent, "last_error", ""),
      };
    }),
  };
}

export const SHOWS = ["badge", "sound", "browser"] as const;
export const DIRECTIONS = ["either", "above", "below"] as const;
export type Show = (typeof SHOWS)[number];

/** A rule as the server takes it: ratios are fractions, null thresholds the condition's default. */
export interface RuleSpec {
  name: string;
  condition: string;
  threshold: number | null;
  upper: number | null;
  direction: (typeof DIRECTIONS)[number];
  scope: {
    competitions: readonly string[];
    markets: readonly string[];
    bookmakers: readonly string[];
    kickoff_within_min: number | null;
    kickoff_beyond_min: number | null;
  };
  cooldown_s: number;
  quiet_hours: { start: string; end: string; zone: string } | null;
  channels: readonly string[];
  show: readonly Show[];
  enabled: boolean;
}

export interface Rule {
  id: string;
  spec: RuleSpec;
  /** Those that act. */
  threshold: number;
  upper: number | null;
  open: number;
  hits24h: number | null;
}

export interface Condition {
  condition: string;
  about: string;
  unit: string;
  default: number;
  upper: number | null;
  scope: readonly string[];
}

export interface Rules {
  rules: readonly Rule[];
  conditions: readonly Condition[];
}

export const NEW_RULE: RuleSpec = {
  name: "",
  condition: "gap",
  threshold: null,
  upper: null,
  direction: "either",
  scope: {
    competitions: [],
    markets: [],
    bookmakers: [],
    kickoff_within_min: null,
    kickoff_beyond_min: null,
  },
  cooldown_s: 900,
  quiet_hours: null,
  channels: [],
  show: ["badge"],
  enabled: true,
};

/** @throws WireError Another shape. */
export function decodeRules(body: unknown): Rules {
  const answer = record(body, "rules");
  return {
    rules: list(answer, "rules", "rules", (value, path) => {
      const row = record(value, path);
      return {
        id: text(row, "id", path),
        spec: decodeSpec(row.spec, path),
        threshold: number(row, "threshold", path),
        upper: numberOr(row, "upper", null),
        open: numberOr(row, "open", 0),
        hits24h: numberOr(row, "hits_24h", null),
      };
    }),
    conditions: list(answer, "conditions", "rules", (value, path) => {
      const row = record(value, path);
      return {
        condition: text(row, "condition", path),
        about: textOr(row, "about", ""),
        unit: textOr(row, "unit", ""),
        default: number(row, "default", path),
        upper: numberOr(row, "upper", null),
        scope: list(row, "scope", path, asText),
      };
    }),
  };
}

function decodeSpec(value: unknown, path: string): RuleSpec {
  const row = record(value, path);
  const scope = optionalRecord(row.scope, path);
  const quiet = row.quiet_hours == null ? null : record(row.quiet_hours, path);
  return {
    name: text(row, "name", path),
    condition: text(row, "condition", path),
    threshold: numberOr(row, "threshold", null),
    upper: numberOr(row, "upper", null),
    direction: oneOf(row.direction, DIRECTIONS, "either"),
    scope: {
      competitions: list(scope, "competitions", path, asText),
      markets: list(scope, "markets", path, asText),
      bookmakers: list(scope, "bookmakers", path, asText),
      kickoff_within_min: numberOr(scope, "kickoff_within_min", null),
      kickoff_beyond_min: numberOr(scope, "kickoff_beyond_min", null),
    },
    cooldown_s: numberOr(row, "cooldown_s", 0),
    quiet_hours:
      quiet === null
        ? null
        : {
            start: text(quiet, "start", path),
            end: text(quiet, "end", path),
            zone: text(quiet, "zone", path),
          },
    channels: list(row, "channels", path, asText),
    show: list(row, "show", path, asText).filter((each): each is Show => SHOWS.some((show) => show === each)),
    enabled: row.enabled !== false,
  };
}

/** How many of a unit's fields make one of what people write: ratios and probabilities are written in percent. */
export function shownFactor(unit: string): number {
  return unit === "fraction" || unit === "points" ? 100 : 1;
}

/** Write a threshold as people read it, without the noise of binary fractions. */
export function shownThreshold(value: number, unit: string): string {
  return String(Number((value * shownFactor(unit)).toFixed(4)));
}

/** Read a threshold as people write it; null for an empty field or what is no number. */
export function readThreshold(written: string, unit: string): number | null {
  const value = Number(written.replace(",", "."));
  return written.trim() === "" || !Number.isFinite(value)
    ? null
    : Number((value / shownFactor(unit)).toFixed(8));
}

/** Replace alerts by their newer rows and put new ones first. @param onlyOpen Whether those that ended leave. */
export function withPushed(
  alerts: readonly Alert[],
  pushed: ReadonlyMap<string, Alert>,
  onlyOpen: boolean,
): Alert[] {
  const known = new Set(alerts.map(({ id }) => id));
  const fresh = [...pushed.values()].filter(({ id }) => !known.has(id));
  return [...fresh, ...alerts.map((alert) => pushed.get(alert.id) ?? alert)]
    .filter(({ resolvedAt }) => !onlyOpen || resolvedAt === null)
    .sort((a, b) => b.openedAt - a.openedAt);
}
