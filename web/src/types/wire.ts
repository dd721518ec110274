/** What the server sends, as DESIGN.md sections 6 and 7 fix it. Times are ISO 8601 text in UTC, odds are numbers. */

export type World = "live" | "simulated" | "recorded";
export type MarketState = "open" | "suspended" | "withdrawn";
export type ListingState = "open" | "started" | "withdrawn" | "unknown";
export type SourceState = "up" | "lagging" | "refused" | "down" | "recovering" | "off";

/** `GET /api/board`: parallel arrays; `event`, `bookmaker` and `market` columns are indexes. */
export interface BoardWire {
  epoch: string;
  seq: number;
  now: string;
  stale_after_s: number;
  world: World;
  version: string;
  bookmakers: string[];
  bookmaker_names: string[];
  /** "market_id|line", in column order. */
  markets: string[];
  market_names: string[];
  outcomes: string[][];
  winners: (number | null)[];
  competitions: CompetitionWire[];
  events: { id: string[]; home: string[]; away: string[]; kickoff_at: string[]; competition: number[] };
  listings: {
    event: number[];
    bookmaker: number[];
    state: ListingState[];
    confirmed_at: (string | null)[];
    market_confirmed_at: (Record<string, string> | null)[];
  };
  prices: {
    event: number[];
    bookmaker: number[];
    market: number[];
    odds: (number | null)[][];
    /** Bit i is set while outcome i is shown but locked. */
    suspended: number[];
    changed_at: (string | null)[];
    state: MarketState[];
    suspect: string[][];
  };
}

export interface CompetitionWire {
  id: string;
  name: string;
  country: string;
}

export interface HeaderWire {
  sportradar_id: string;
  home: string;
  away: string;
  kickoff_at: string;
  competition: CompetitionWire;
}

export interface ListingWire {
  sportradar_id: string;
  bookmaker: string;
  state: ListingState;
  confirmed_at: string | null;
  market_confirmed_at: Record<string, string> | null;
}

export interface OutcomeWire {
  name: string;
  odds: number | null;
  state: "open" | "suspended";
}

/** One market of one bookmaker with all its outcomes: applying it twice is harmless. */
export interface ChangeWire {
  sportradar_id: string;
  bookmaker: string;
  market_id: string;
  line: string;
  state: MarketState;
  suspect: string[];
  changed_at: string | null;
  outcomes: OutcomeWire[];
}

export interface ConfirmationWire {
  at: string;
  events: string[];
  /** Absent when the answer spoke for all markets of the events. */
  markets: string[] | null;
}

export interface OddsUpdateWire {
  first_seq: number;
  events: HeaderWire[];
  removed: string[];
  listings: ListingWire[];
  changes: ChangeWire[];
  confirmed: Record<string, ConfirmationWire[]>;
}

export interface SnapshotWire {
  part: number;
  last: boolean;
  now: string | null;
  events: HeaderWire[];
  listings: ListingWire[];
  markets: ChangeWire[];
}

export interface RunProgressWire {
  run_id: string;
  phase: string;
  /** "" for the run as a whole. */
  bookmaker: string;
  current: number;
  total: number;
  in_flight: number;
  rate_per_s: number;
  eta_s: number | null;
  errors: number;
}

export interface RunWire {
  run_id: string;
  trigger: string;
  status: string;
  started_at: string | null;
  finished_at: string | null;
  events: { total: number; ok: number; unchanged: number; failed: number; late: number };
  changes: number;
  bookmakers: RunBookmakerWire[];
  reason: string;
}

export interface RunBookmakerWire {
  bookmaker: string;
  discovered: number;
  ok: number;
  failed: number;
  late: number;
  total: number;
  unmapped: number;
  p50_ms: number;
  p95_ms: number;
  status: string;
}

export interface SourceHealthWire {
  bookmaker: string;
  state: SourceState;
  reason: string;
  since: string | null;
}

export interface FrameBase {
  topic: string;
  timestamp: string | null;
  epoch: string | null;
  seq: number | null;
}

export type Frame = FrameBase &
  (
    | {
        type: "connection_ack";
        data: { build: string; epoch: string; heartbeat_ms: number; world: World | null };
      }
    | { type: "subscribed"; data: { topic: string; mode: "snapshot" | "resumed"; reason: string | null } }
    | { type: "snapshot"; data: SnapshotWire }
    | { type: "odds_update"; data: OddsUpdateWire }
    | { type: "scrape_progress"; data: RunProgressWire }
    | { type: "run_finished"; data: RunWire }
    | { type: "source_health"; data: SourceHealthWire }
    | { type: "movement" | "alert"; data: Record<string, unknown> }
    | { type: "settings_changed"; data: Record<string, unknown> }
    | { type: "heartbeat"; data: { seq: Record<string, number>; sources: SourceHealthWire[] } }
    | { type: "resync"; data: { topic: string; reason: string } }
    | { type: "drain"; data: { grace_ms: number } }
    | { type: "error"; data: { code: string; detail: string } }
    | { type: "pong"; data: null }
  );

export type Since = Record<string, { epoch: string; seq: number }>;

export interface SubscribeMessage {
  type: "subscribe";
  data: { topics: string[]; since?: Since; conflate_ms?: number; filter?: { markets: readonly string[] } };
}

export interface UnsubscribeMessage {
  type: "unsubscribe";
  data: { topics: string[] };
}
