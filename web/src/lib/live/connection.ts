import type { BoardWire, Frame, SnapshotWire, SubscribeMessage, UnsubscribeMessage } from "@/types/wire";
import type { OddsStore } from "@/lib/store/oddsStore";
import { MAIN_MARKETS } from "@/lib/store/layout";
import { keyMissed } from "@/lib/session";
import type { StatusStore } from "@/lib/store/statusStore";
import { decodeFrame } from "@/lib/wire/decodeFrame";
import { backoffMs } from "./backoff";
import { EventLink, eventTopic } from "./eventLink";

/** The part of a browser's WebSocket that we use. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface ConnectionOptions {
  odds: OddsStore;
  status: StatusStore;
  openSocket: () => SocketLike;
  /** @param markets Keys of the markets to load, null for the main ones. */
  loadBoard: (markets: readonly string[] | null) => Promise<BoardWire>;
  random?: () => number;
}

/** Topics of rows: a message is one new or changed row of the REST list of that name. */
export type RowTopic = "movements" | "alerts";
export type RowListener = (row: Record<string, unknown>) => void;

export const ODDS = "odds_updates";
const TOPICS = [ODDS, "scrape_progress", "status"];
const CONFLATE_MS = 250;
const POLL_MS = 15_000;
/** Silence of this many heartbeats means that the other end is gone. */
const SILENT_HEARTBEATS = 2.5;
const DEFAULT_HEARTBEAT_MS = 5000;
/** How long a snapshot may keep us waiting before we ask again. */
const SNAPSHOT_WAIT_MS = 10_000;
/** When markets that could not be loaded are asked for again. */
const WIDEN_AGAIN_MS = 5000;
/** Attempts in a row that fail before the page calls itself offline. */
const OFFLINE_AFTER = 5;

const KEY_NEEDED = 4001;
const CLOSE_REASONS: Record<number, string> = {
  1006: "the server does not answer",
  4001: "the server asks for a key",
  4003: "the server refuses a topic",
  4008: "this page was too slow",
  4009: "the server is restarting",
};

/**
 * Keeps the stores equal to the server: one REST snapshot, then deltas over the WebSocket, for ever.
 *
 * A lost link is taken up again by epoch and seq (`since`); a hole in the sequence asks for a new snapshot.
 * While there is no WebSocket the Board is polled, so that its prices still live.
 */
export class Connection {
  private socket: SocketLike | null = null;
  private stopped = true;
  private failures = 0;
  private build: string | null = null;
  /** Parts of a snapshot under way; null while deltas are applied. */
  private parts: SnapshotWire[] | null = null;
  private readonly followed = new Set<EventLink>();
  /** Markets beyond the main ones that somebody looks at, and what the newest Board was asked for. */
  private wanted: readonly string[] = [];
  private held: readonly string[] = [];
  /** Whether a Board with other markets is on its way: deltas of the old ones are disregarded. */
  private widening = false;
  private widenTimer: ReturnType<typeof setTimeout> | null = null;
  /** Whether the socket may be written to. */
  private open = false;
  private awaitingSnapshot = false;
  private heartbeatMs = DEFAULT_HEARTBEAT_MS;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private snapshotTimer: ReturnType<typeof setTimeout> | null = null;
  private silenceTimer: ReturnType<typeof setTimeout> | null = null;
  private pollTimer: ReturnType<typeof setInterval> | null = null;
  private readonly hearers = new Map<RowTopic, Set<RowListener>>();

  constructor(private readonly options: ConnectionOptions) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    void this.attempt();
  }

  stop(): void {
    this.stopped = true;
    this.clearTimers();
    this.dropSocket();
  }

  /** Try at once instead of waiting for the planned attempt. */
  retryNow(): void {
    if (this.stopped || this.socket !== null) return;
    this.clearRetry();
    void this.attempt();
  }

  /** Take everything anew, the Board's rows and columns included. */
  reload(): void {
    this.options.odds.loaded = false;
    this.dropSocket();
    this.clearRetry();
    void this.attempt();
  }

  /** Look at these markets too, beside the main ones: the Board is taken anew when one of them is missing. */
  setMarkets(keys: readonly string[]): void {
    this.wanted = keys.filter((key) => !MAIN_MARKETS.includes(key));
    if (this.stopped || !this.options.odds.loaded) return; // the attempt under way will ask for them
    if (this.wanted.some((key) => !this.held.includes(key))) void this.widen();
  }

  /** Hear of every new or changed row of a list from now on. @returns How to stop. */
  hear(topic: RowTopic, listener: RowListener): () => void {
    const listeners = this.hearers.get(topic) ?? new Set();
    this.hearers.set(topic, listeners.add(listener));
    if (listeners.size === 1) this.send({ type: "subscribe", data: { topics: [topic] } });
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.hearers.delete(topic);
      this.send({ type: "unsubscribe", data: { topics: [topic] } });
    };
  }

  private async widen(): Promise<void> {
    if (this.widening) return; // looks again when it is done
    this.widening = true;
    this.send({ type: "unsubscribe", data: { topics: [ODDS] } });
    const error = await this.pullBoard().then(() => null, messageOf);
    this.widening = false;
    if (this.stopped) return;
    if (this.open) this.subscribe(true, [ODDS]);
    if (error === null) {
      this.setMarkets(this.wanted);
      return;
    }
    this.options.status.setLink({ reason: error });
    this.widenTimer ??= setTimeout(() => {
      this.widenTimer = null;
      this.setMarkets(this.wanted);
    }, WIDEN_AGAIN_MS);
  }

  private async attempt(): Promise<void> {
    const { odds } = this.options;
    this.options.status.setLink({ retryAt: null });
    if (!odds.loaded) {
      try {
        await this.pullBoard();
      } catch (error) {
        this.lost(`the Board could not be loaded: ${messageOf(error)}`);
        return;
      }
    }
    if (!this.stopped && this.socket === null) this.connect();
  }

  private async pullBoard(): Promise<void> {
    const asked = this.wanted;
    const board = await this.options.loadBoard(this.filter(asked));
    if (this.stopped) return;
    this.held = asked;
    this.options.odds.loadBoard(board, asked);
    this.options.status.setWorld(board.world, board.version);
  }

  private connect(): void {
    const socket = this.options.openSocket();
    this.socket = socket;
    this.awaitingSnapshot = false;
    this.parts = null;
    socket.onopen = () => {
      this.open = true;
      this.subscribe(true);
      for (const link of this.followed) this.ask(link);
      if (this.hearers.size > 0) this.send({ type: "subscribe", data: { topics: [...this.hearers.keys()] } });
      this.watchSilence();
    };
    socket.onmessage = ({ data }) => {
      this.watchSilence();
      this.receive(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.open = false;
      const known = CLOSE_REASONS[code] ?? `the server closed the link (${code})`;
      if (code === KEY_NEEDED) keyMissed();
      this.lost(reason === "" ? known : reason);
    };
  }

  private subscribe(resume: boolean, topics: string[] = TOPICS): void {
    const { epoch, seq } = this.options.odds;
    const data: SubscribeMessage["data"] = { topics, conflate_ms: CONFLATE_MS };
    if (resume && epoch !== null) data.since = { [ODDS]: { epoch, seq } };
    const markets = this.filter(this.held);
    if (markets !== null) data.filter = { markets };
    this.send({ type: "subscribe", data });
  }

  /**
   * Keep an event's own store, with all its markets, level with the server.
   *
   * @param onUnknown Told when the store lacks a market that changed.
   * @returns Stops following.
   */
  follow(eventId: string, store: OddsStore, onUnknown: () => void): () => void {
    const link: EventLink = new EventLink(
      eventTopic(eventId),
      store,
      () => {
        this.ask(link);
      },
      onUnknown,
    );
    this.followed.add(link);
    this.ask(link);
    return () => {
      this.followed.delete(link);
      const others = [...this.followed].some(({ topic }) => topic === link.topic);
      if (!others) this.send({ type: "unsubscribe", data: { topics: [link.topic] } });
    };
  }

  private ask(link: EventLink): void {
    link.restart();
    this.send({ type: "subscribe", data: { topics: [link.topic], conflate_ms: CONFLATE_MS } });
  }

  private filter(extra: readonly string[]): readonly string[] | null {
    return extra.length === 0 ? null : [...MAIN_MARKETS, ...extra];
  }

  /** Disregard deltas until a snapshot has come; ask for one if none is on its way in time. */
  private expectSnapshot(): void {
    this.awaitingSnapshot = true;
    this.parts = null;
    this.clearSnapshotTimer();
    this.snapshotTimer = setTimeout(() => {
      if (this.awaitingSnapshot && this.parts === null) this.resync();
    }, SNAPSHOT_WAIT_MS);
  }

  /** Ask for a snapshot of the odds. */
  private resync(): void {
    this.expectSnapshot();
    this.subscribe(false, [ODDS]);
  }

  private send(message: SubscribeMessage | UnsubscribeMessage): void {
    if (this.open) this.socket?.send(JSON.stringify(message));
  }

  private receive(data: unknown): void {
    let frame: Frame | null;
    try {
      frame = decodeFrame(JSON.parse(String(data)));
    } catch (error) {
      // A frame we cannot read may have carried prices: only a snapshot makes the Board right again.
      console.error("unreadable frame", error);
      if (!this.awaitingSnapshot) this.resync();
      for (const link of this.followed) link.receive(null);
      return;
    }
    if (frame === null) return;
    if (frame.timestamp !== null) this.options.odds.setServerTime(frame.timestamp);
    if (frame.topic.startsWith(eventTopic("")))
      for (const link of this.followed) {
        if (link.topic === frame.topic) link.receive(frame);
      }
    else this.handle(frame);
  }

  private handle(frame: Frame): void {
    const { status } = this.options;
    switch (frame.type) {
      case "connection_ack":
        this.acknowledged(frame.data);
        break;
      case "subscribed":
        if (frame.data.topic === ODDS && frame.data.mode === "snapshot") this.expectSnapshot();
        break;
      case "snapshot":
        this.takePart(frame.data, frame.epoch, frame.seq);
        break;
      case "odds_update":
        this.takeUpdate(frame);
        break;
      case "heartbeat":
        this.takeHeartbeat(frame);
        break;
      case "resync":
        // The server sends the snapshot by itself.
        if (frame.data.topic === ODDS) this.expectSnapshot();
        break;
      case "scrape_progress":
        status.setProgress(frame.data);
        break;
      case "run_finished":
        status.runFinished(frame.data);
        break;
      case "source_health":
        status.setSources([frame.data]);
        break;
      case "settings_changed":
        this.settingsChanged(frame.data);
        break;
      case "movement":
        this.tell("movements", frame.data);
        break;
      case "alert":
        this.tell("alerts", frame.data);
        break;
      case "drain":
        status.setLink({ reason: "the server is restarting" });
        break;
      case "error":
        status.setLink({ reason: `${frame.data.code}: ${frame.data.detail}` });
        break;
      case "pong":
        break;
    }
  }

  private tell(topic: RowTopic, row: Record<string, unknown>): void {
    for (const listener of this.hearers.get(topic) ?? []) listener(row);
  }

  private acknowledged(data: {
    build: string;
    heartbeat_ms: number;
    world: BoardWire["world"] | null;
  }): void {
    const { status } = this.options;
    this.heartbeatMs = data.heartbeat_ms;
    this.build ??= data.build;
    this.failures = 0;
    this.stopPolling();
    if (data.world !== null) status.setWorld(data.world, status.version);
    status.setLink({
      state: "live",
      lostAt: null,
      retryAt: null,
      reason: "",
      outdated: status.link.outdated || data.build !== this.build,
    });
  }

  private takePart(part: SnapshotWire, epoch: string | null, seq: number | null): void {
    if (this.widening) return;
    if (part.part === 1) this.parts = [];
    this.parts?.push(part);
    if (!part.last || this.parts === null) return;
    this.options.odds.loadSnapshot(this.parts, epoch, seq ?? 0);
    this.parts = null;
    this.awaitingSnapshot = false;
    this.clearSnapshotTimer();
  }

  private takeUpdate(frame: Extract<Frame, { type: "odds_update" }>): void {
    if (this.awaitingSnapshot || this.widening) return;
    const { odds } = this.options;
    const { first_seq: first } = frame.data;
    const last = frame.seq ?? first;
    if (frame.epoch !== odds.epoch || first > odds.seq + 1) {
      this.resync();
      return;
    }
    // A frame may begin before what we hold: applying a change twice is harmless. A large update comes in several
    // frames; all but its last account for nothing yet (seq = first_seq - 1), and hold changes all the same.
    if (last >= odds.seq) odds.apply(frame.data, last);
  }

  private takeHeartbeat(frame: Extract<Frame, { type: "heartbeat" }>): void {
    const { odds, status } = this.options;
    status.setSources(frame.data.sources);
    for (const link of this.followed) link.reached(frame.data.seq[link.topic]);
    const seq = frame.data.seq[ODDS];
    // Everything up to here was sent or filtered for us, and frames arrive in order: what is missing was filtered.
    if (seq !== undefined && !this.awaitingSnapshot && !this.widening && seq > odds.seq) odds.seq = seq;
  }

  private settingsChanged(data: Record<string, unknown>): void {
    const { odds, status } = this.options;
    if (typeof data.stale_after_s === "number") odds.setStaleAfter(data.stale_after_s);
    status.settingsChanged();
    if ("enabled_bookmakers" in data) this.reload();
  }

  private lost(reason: string): void {
    if (this.stopped) return;
    const { status } = this.options;
    this.clearSilence();
    const wait = backoffMs(this.failures, this.options.random);
    this.failures++;
    const polling = status.link.state === "polling";
    const down = this.failures > OFFLINE_AFTER ? "offline" : "reconnecting";
    status.setLink({
      state: polling ? "polling" : down,
      lostAt: polling ? null : (status.link.lostAt ?? Date.now()),
      retryAt: Date.now() + wait,
      reason,
    });
    this.clearRetry();
    this.retryTimer = setTimeout(() => void this.attempt(), wait);
    this.startPolling();
  }

  private startPolling(): void {
    this.pollTimer ??= setInterval(() => void this.poll(), POLL_MS);
  }

  private async poll(): Promise<void> {
    const { status } = this.options;
    try {
      const asked = this.wanted;
      const board = await this.options.loadBoard(this.filter(asked));
      if (this.stopped || status.link.state === "live") return;
      this.held = asked;
      this.options.odds.loadBoard(board, asked);
      status.setLink({ state: "polling", lostAt: null });
    } catch (error) {
      if (status.link.state === "polling")
        status.setLink({ state: "offline", lostAt: Date.now(), reason: messageOf(error) });
    }
  }

  private watchSilence(): void {
    this.clearSilence();
    this.silenceTimer = setTimeout(() => {
      this.dropSocket();
      this.lost("the server went silent");
    }, this.heartbeatMs * SILENT_HEARTBEATS);
  }

  private dropSocket(): void {
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    this.clearSilence();
    this.clearSnapshotTimer();
    socket?.close();
  }

  private clearTimers(): void {
    this.clearRetry();
    this.clearSilence();
    this.stopPolling();
    if (this.widenTimer !== null) clearTimeout(this.widenTimer);
    this.widenTimer = null;
  }

  private clearRetry(): void {
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
  }

  private clearSnapshotTimer(): void {
    if (this.snapshotTimer !== null) clearTimeout(this.snapshotTimer);
    this.snapshotTimer = null;
  }

  private clearSilence(): void {
    if (this.silenceTimer !== null) clearTimeout(this.silenceTimer);
    this.silenceTimer = null;
  }

  private stopPolling(): void {
    if (this.pollTimer !== null) clearInterval(this.pollTimer);
    this.pollTimer = null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
