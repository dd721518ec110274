import type {
  ChangeWire,
  ConfirmationWire,
  Frame,
  FrameBase,
  HeaderWire,
  ListingWire,
  OddsUpdateWire,
  OutcomeWire,
  RunProgressWire,
  RunWire,
  SnapshotWire,
  SourceHealthWire,
  SourceState,
} from "@/types/wire";
import {
  decodeCompetition,
  decodeListingState,
  decodeMarketState,
  decodeTextsById,
  decodeWorld,
} from "./decodeBoard";
import {
  asText,
  asTextOrNull,
  asTexts,
  list,
  number,
  numberOr,
  oneOf,
  optionalRecord,
  record,
  text,
  textOr,
  type Json,
} from "./read";

const SOURCE_STATES: readonly SourceState[] = ["up", "lagging", "refused", "down", "recovering", "off"];

/**
 * Decode one WebSocket frame. Types that a newer server invents give null.
 *
 * @throws WireError The frame has a known type but another shape.
 */
export function decodeFrame(body: unknown): Frame | null {
  const frame = record(body, "frame");
  const base: FrameBase = {
    topic: textOr(frame, "topic", ""),
    timestamp: textOr(frame, "timestamp", null),
    epoch: textOr(frame, "epoch", null),
    seq: numberOr(frame, "seq", null),
  };
  const data = optionalRecord(frame.data, "frame.data");
  switch (frame.type) {
    case "connection_ack":
      return { ...base, type: "connection_ack", data: acknowledgement(data) };
    case "subscribed":
      return { ...base, type: "subscribed", data: subscribed(data, base.topic) };
    case "snapshot":
      return { ...base, type: "snapshot", data: snapshot(data) };
    case "odds_update":
      return { ...base, type: "odds_update", data: oddsUpdate(data) };
    case "scrape_progress":
      return { ...base, type: "scrape_progress", data: decodeProgress(data) };
    case "run_finished":
      return { ...base, type: "run_finished", data: decodeRun(data) };
    case "source_health":
      return { ...base, type: "source_health", data: sourceHealth(data, "source_health") };
    case "settings_changed":
      return { ...base, type: "settings_changed", data };
    case "movement":
    case "alert":
      return { ...base, type: frame.type, data };
    case "heartbeat":
      return { ...base, type: "heartbeat", data: heartbeat(data) };
    case "resync":
      return {
        ...base,
        type: "resync",
        data: { topic: textOr(data, "topic", base.topic), reason: textOr(data, "reason", "") },
      };
    case "drain":
      return { ...base, type: "drain", data: { grace_ms: numberOr(data, "grace_ms", 0) } };
    case "error":
      return {
        ...base,
        type: "error",
        data: { code: textOr(data, "code", "error"), detail: textOr(data, "detail", "") },
      };
    case "pong":
      return { ...base, type: "pong", data: null };
    default:
      return null;
  }
}

/** Decode a run object, from `run_finished` or `GET /api/scrape/runs/{run_id}`. */
export function decodeRun(body: unknown): RunWire {
  const run = record(body, "run");
  const events = optionalRecord(run.events, "run.events");
  return {
    run_id: text(run, "run_id", "run"),
    trigger: textOr(run, "trigger", ""),
    status: textOr(run, "status", ""),
    started_at: textOr(run, "started_at", null),
    finished_at: textOr(run, "finished_at", null),
    events: {
      total: numberOr(events, "total", 0),
      ok: numberOr(events, "ok", 0),
      unchanged: numberOr(events, "unchanged", 0),
      failed: numberOr(events, "failed", 0),
      late: numberOr(events, "late", 0),
    },
    changes: numberOr(run, "changes", 0),
    bookmakers: list(run, "bookmakers", "run", runBookmaker),
    reason: textOr(run, "reason", ""),
  };
}

function decodeProgress(data: Json): RunProgressWire {
  return {
    run_id: text(data, "run_id", "scrape_progress"),
    phase: textOr(data, "phase", ""),
    bookmaker: textOr(data, "bookmaker", ""),
    current: numberOr(data, "current", 0),
    total: numberOr(data, "total", 0),
    in_flight: numberOr(data, "in_flight", 0),
    rate_per_s: numberOr(data, "rate_per_s", 0),
    eta_s: numberOr(data, "eta_s", null),
    errors: numberOr(data, "errors", 0),
  };
}

function runBookmaker(value: unknown, path: string): RunWire["bookmakers"][number] {
  const row = record(value, path);
  return {
    bookmaker: text(row, "bookmaker", path),
    discovered: numberOr(row, "discovered", 0),
    ok: numberOr(row, "ok", 0),
    failed: numberOr(row, "failed", 0),
    late: numberOr(row, "late", 0),
    total: numberOr(row, "total", 0),
    unmapped: numberOr(row, "unmapped", 0),
    p50_ms: numberOr(row, "p50_ms", 0),
    p95_ms: numberOr(row, "p95_ms", 0),
    status: textOr(row, "status", ""),
  };
}

function acknowledgement(data: Json) {
  return {
    build: textOr(data, "build", ""),
    epoch: text(data, "epoch", "connection_ack"),
    heartbeat_ms: numberOr(data, "heartbeat_ms", 5000),
    world: decodeWorld(data.world),
  };
}

function subscribed(data: Json, topic: string) {
  return {
    topic: textOr(data, "topic", topic),
    mode: oneOf(data.mode, ["snapshot", "resumed"] as const, "snapshot"),
    reason: textOr(data, "reason", null),
  };
}

function heartbeat(data: Json) {
  const seq: Record<string, number> = {};
  for (const [topic, value] of Object.entries(optionalRecord(data.seq, "heartbeat.seq")))
    if (typeof value === "number") seq[topic] = value;
  const sources = Array.isArray(data.sources)
    ? data.sources.map((row, index) => sourceHealth(row, `heartbeat.sources[${index}]`))
    : [];
  return { seq, sources };
}

function sourceHealth(value: unknown, path: string): SourceHealthWire {
  const row = record(value, path);
  return {
    bookmaker: text(row, "bookmaker", path),
    state: oneOf(row.state, SOURCE_STATES, "down"),
    reason: textOr(row, "reason", ""),
    since: textOr(row, "since", null),
  };
}

function snapshot(data: Json): SnapshotWire {
  return {
    part: number(data, "part", "snapshot"),
    last: data.last === true,
    now: textOr(data, "now", null),
    events: list(data, "events", "snapshot", header),
    listings: list(data, "listings", "snapshot", listing),
    markets: list(data, "markets", "snapshot", change),
  };
}

function oddsUpdate(data: Json): OddsUpdateWire {
  const confirmed: Record<string, ConfirmationWire[]> = {};
  const groups = optionalRecord(data.confirmed, "odds_update.confirmed");
  for (const bookmaker of Object.keys(groups))
    confirmed[bookmaker] = list(groups, bookmaker, "odds_update.confirmed", confirmation);
  return {
    first_seq: number(data, "first_seq", "odds_update"),
    events: list(data, "events", "odds_update", header),
    removed: list(data, "removed", "odds_update", asText),
    listings: list(data, "listings", "odds_update", listing),
    changes: list(data, "changes", "odds_update", change),
    confirmed,
  };
}

function header(value: unknown, path: string): HeaderWire {
  const row = record(value, path);
  return {
    sportradar_id: text(row, "sportradar_id", path),
    home: text(row, "home", path),
    away: text(row, "away", path),
    kickoff_at: text(row, "kickoff_at", path),
    competition: decodeCompetition(row.competition, `${path}.competition`),
  };
}

function listing(value: unknown, path: string): ListingWire {
  const row = record(value, path);
  return {
    sportradar_id: text(row, "sportradar_id", path),
    bookmaker: text(row, "bookmaker", path),
    state: decodeListingState(row.state),
    confirmed_at: asTextOrNull(row.confirmed_at),
    market_confirmed_at: decodeTextsById(row.market_confirmed_at),
    unread: decodeTextsById(row.unread),
  };
}

function change(value: unknown, path: string): ChangeWire {
  const row = record(value, path);
  return {
    sportradar_id: text(row, "sportradar_id", path),
    bookmaker: text(row, "bookmaker", path),
    market_id: text(row, "market_id", path),
    line: textOr(row, "line", ""),
    state: decodeMarketState(row.state),
    suspect: asTexts(row.suspect, `${path}.suspect`),
    changed_at: asTextOrNull(row.changed_at),
    outcomes: list(row, "outcomes", path, outcome),
  };
}

function outcome(value: unknown, path: string): OutcomeWire {
  const row = record(value, path);
  return {
    name: text(row, "name", path),
    odds: numberOr(row, "odds", null),
    state: row.state === "suspended" ? "suspended" : "open",
  };
}

function confirmation(value: unknown, path: string): ConfirmationWire {
  const row = record(value, path);
  return {
    at: text(row, "at", path),
    events: list(row, "events", path, asText),
    markets: Array.isArray(row.markets)
      ? row.markets.map((id, index) => asText(id, `${path}.markets[${index}]`))
      : null,
  };
}
