/**
 * What the page keeps of what the server sends. What that is says api.ts, made from the documents of the API; the
 * decoders in lib/wire leave out what nobody shows and fill in what an older server does not send. Times are ISO 8601
 * text in UTC, odds are numbers.
 */
import type {
  Acknowledgement,
  BoardJson,
  BookmakerReport,
  ChangeJson,
  Competition,
  Confirmation,
  Drain,
  HeaderJson,
  Heartbeat,
  ListingRow,
  OutcomeJson,
  Refusal,
  Resync,
  RunJson,
  RunProgress,
  SnapshotPart,
  SourceJson,
  Subscribed,
} from "./api";

/** Some fields may be null: an older server does not send them. */
type MaybeNull<T, Name extends keyof T> = Omit<T, Name> & { [Key in Name]: T[Key] | null };
/** Some fields are any text: a newer server may know further words. */
type AnyText<T, Name extends keyof T> = Omit<T, Name> & Record<Name, string>;

export type World = BoardJson["world"];
export type MarketState = ChangeJson["state"];
export type ListingState = ListingRow["state"];
export type SourceState = SourceJson["state"];

/** `GET /api/board`: parallel arrays; `event`, `bookmaker` and `market` columns are indexes. */
export type BoardWire = Omit<BoardJson, "revision" | "listings" | "prices"> & {
  listings: Omit<BoardJson["listings"], "changed_at" | "market_confirmed_at" | "unread"> & {
    market_confirmed_at: (Record<string, string> | null)[];
    unread: (Record<string, string> | null)[];
  };
  prices: Omit<BoardJson["prices"], "changed_at"> & { changed_at: (string | null)[] };
};

export type CompetitionWire = Competition;

export type HeaderWire = Pick<HeaderJson, "sportradar_id" | "home" | "away" | "kickoff_at" | "competition">;

export type ListingWire = MaybeNull<Omit<ListingRow, "changed_at">, "market_confirmed_at" | "unread">;

export type OutcomeWire = OutcomeJson;

/** One market of one bookmaker with all its outcomes: applying it twice is harmless. */
export type ChangeWire = MaybeNull<Omit<ChangeJson, "overround">, "changed_at">;

/** `markets` is null when the answer spoke for all markets of the events. */
export type ConfirmationWire = Omit<Confirmation, "markets"> & { markets: string[] | null };

export interface OddsUpdateWire {
  first_seq: number;
  events: HeaderWire[];
  removed: string[];
  listings: ListingWire[];
  changes: ChangeWire[];
  confirmed: Record<string, ConfirmationWire[]>;
}

export type SnapshotWire = Pick<SnapshotPart, "part" | "last"> & {
  now: string | null;
  events: HeaderWire[];
  listings: ListingWire[];
  markets: ChangeWire[];
};

/** `bookmaker` is "" for the run as a whole. */
export type RunProgressWire = Omit<RunProgress, "ms">;

export type RunWire = MaybeNull<
  AnyText<
    Pick<
      RunJson,
      "run_id" | "trigger" | "status" | "started_at" | "finished_at" | "events" | "changes" | "reason"
    >,
    "trigger" | "status"
  >,
  "started_at"
> & { bookmakers: RunBookmakerWire[] };

export type RunBookmakerWire = AnyText<Omit<BookmakerReport, "unidentified">, "status">;

export type SourceHealthWire = MaybeNull<SourceJson, "since">;

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
        data: MaybeNull<Acknowledgement, "world">;
      }
    | { type: "subscribed"; data: Omit<Subscribed, "reason"> & { reason: string | null } }
    | { type: "snapshot"; data: SnapshotWire }
    | { type: "odds_update"; data: OddsUpdateWire }
    | { type: "scrape_progress"; data: RunProgressWire }
    | { type: "run_finished"; data: RunWire }
    | { type: "source_health"; data: SourceHealthWire }
    | { type: "movement" | "alert"; data: Record<string, unknown> }
    | { type: "settings_changed"; data: Record<string, unknown> }
    | { type: "heartbeat"; data: Omit<Heartbeat, "sources"> & { sources: SourceHealthWire[] } }
    | { type: "resync"; data: AnyText<Resync, "reason"> }
    | { type: "drain"; data: Drain }
    | { type: "error"; data: Refusal }
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
