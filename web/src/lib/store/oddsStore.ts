import type {
  BoardWire,
  ChangeWire,
  ConfirmationWire,
  HeaderWire,
  ListingWire,
  OddsUpdateWire,
  SnapshotWire,
} from "@/types/wire";
import { Flashes, type Direction } from "./flashes";
import {
  bookmakerIndex,
  imageOfBoard,
  imageOfSnapshot,
  listingOf,
  marketRecord,
  slotOf,
  type Image,
} from "./image";
import { EMPTY_LAYOUT, layoutOf, type Column, type Layout } from "./layout";
import { arrowOf, MoveRing, Trails, type Move, type Trail } from "./moves";
import {
  confirmedAtOf,
  crossingOf,
  eventRecord,
  refreshStale,
  type Crossing,
  type EventRecord,
  type MarketRecord,
  type ReferenceChoice,
} from "./records";
import { Subscriptions } from "./subscriptions";
import {
  cellView,
  headerView,
  marginView,
  presencesOf,
  sameView,
  STILL,
  type CellView,
  type HeaderView,
  type MarginView,
  type Presence,
} from "./views";

/** Keys whose subscribers hear of the Board as a whole. */
export const LAYOUT = "layout";
export const EVENT_SET = "events";

export const cellKey = (eventId: string, bookmaker: number, column: number, outcome: number): string =>
  `${eventId}/${bookmaker}/${column}/${outcome}`;
export const marginKey = (eventId: string, bookmaker: number, column: number): string =>
  `${eventId}/${bookmaker}/${column}/M`;
export const headerKey = (eventId: string): string => `${eventId}/E`;
export const presenceKey = (eventId: string): string => `${eventId}/B`;
export const crossingKey = (eventId: string): string => `${eventId}/X`;

const ABSENT: CellView = {
  state: "absent",
  odds: null,
  stale: false,
  suspect: false,
  gap: null,
  band: 0,
  best: false,
  ...STILL,
};

/**
 * The one place where prices live, outside React: records by event, subscribers by key.
 *
 * Views (what a cell shows) are computed when somebody looks, kept until a change touches their key, and their
 * subscribers hear of it only when the view came out different. Work per update follows what is on screen.
 */
export class OddsStore {
  layout: Layout = EMPTY_LAYOUT;
  loaded = false;
  /** Keys of the markets beyond the main ones that the Board was last asked for. */
  asked: readonly string[] = [];
  staleAfterMs = 600_000;
  epoch: string | null = null;
  seq = 0;
  readonly ring = new MoveRing();

  private image: Image = new Map();
  private choice: ReferenceChoice = "median";
  private clockOffset = 0;
  private painting = true;
  private readonly latest: number[] = [];
  private readonly trails = new Trails();
  private readonly subscriptions = new Subscriptions();
  private readonly views = new Map<string, unknown>();
  private readonly dirty = new Set<string>();
  private readonly flashes = new Flashes((keys) => {
    for (const key of keys) this.touch(key);
    this.flush();
  });

  // ---- reading

  /** The server's time, as far as its answers told. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  event(id: string): EventRecord | undefined {
    return this.image.get(id);
  }

  events(): IterableIterator<EventRecord> {
    return this.image.values();
  }

  get size(): number {
    return this.image.size;
  }

  get reference(): ReferenceChoice {
    return this.choice;
  }

  get flashing(): number {
    return this.flashes.size;
  }

  /** Return when a bookmaker last confirmed anything, null before it did. */
  latestConfirmation(bookmaker: number): number | null {
    return this.latest[bookmaker] ?? null;
  }

  /** Return when a bookmaker last confirmed a market of an event, null where the Board does not hold it. */
  confirmedAt(eventId: string, code: string, market: Pick<Column, "key" | "marketId">): number | null {
    const bookmaker = this.layout.bookmakers.findIndex((each) => each.code === code);
    const listing = this.event(eventId)?.listings[bookmaker];
    const at = listing === undefined ? -Infinity : confirmedAtOf(listing, market);
    return Number.isFinite(at) ? at : null;
  }

  /** Return the newest change of a cell within the last hour. */
  lastMove(eventId: string, bookmaker: number, column: number, outcome: number): Trail | null {
    const trail = this.trails.get(eventId, { bookmaker, column, outcome });
    return arrowOf(trail, this.now()) === null ? null : trail;
  }

  subscribe(key: string, listener: () => void): () => void {
    return this.subscriptions.add(key, listener);
  }

  cell(eventId: string, bookmaker: number, column: number, outcome: number): CellView {
    const key = cellKey(eventId, bookmaker, column, outcome);
    return (
      this.view(key, (event) => {
        const at = { bookmaker, column, outcome };
        const trail = this.trails.get(eventId, at);
        const arrow = arrowOf(trail, this.now());
        return cellView(this.layout, event, at, this.choice, {
          flash: this.flashes.get(key),
          arrow: trail === null || arrow === null ? null : directionOf(trail.from, trail.to),
          arrowMuted: arrow?.muted ?? false,
          arrowUntil: arrow?.until ?? null,
        });
      }) ?? ABSENT
    );
  }

  margin(eventId: string, bookmaker: number, column: number): MarginView | null {
    return this.view(marginKey(eventId, bookmaker, column), (event) =>
      marginView(this.layout, event, bookmaker, column),
    );
  }

  header(eventId: string): HeaderView | null {
    return this.view(headerKey(eventId), headerView);
  }

  presences(eventId: string): readonly Presence[] | null {
    return this.view(presenceKey(eventId), (event) => presencesOf(this.layout, event));
  }

  crossing(eventId: string): Crossing | null {
    return this.view(crossingKey(eventId), (event) => crossingOf(this.layout, event));
  }

  // ---- writing

  /**
   * Take a whole `GET /api/board` answer in the place of everything known.
   *
   * @param asked Keys of the markets beyond the main ones that were asked for.
   */
  loadBoard(board: BoardWire, asked: readonly string[] = []): void {
    const layout = layoutOf(board);
    if (JSON.stringify(layout) !== JSON.stringify(this.layout)) this.setLayout(layout);
    this.asked = asked;
    this.setServerTime(board.now);
    this.staleAfterMs = board.stale_after_s * 1000;
    this.epoch = board.epoch;
    this.seq = board.seq;
    this.loaded = true;
    this.replace(imageOfBoard(board, layout));
    this.touch(LAYOUT);
    this.flush();
  }

  /** Take all parts of a WebSocket snapshot in the place of everything known. */
  loadSnapshot(parts: readonly SnapshotWire[], epoch: string | null, seq: number): void {
    const now = parts[0]?.now ?? null;
    if (now !== null) this.setServerTime(now);
    this.epoch = epoch;
    this.seq = seq;
    this.replace(imageOfSnapshot(parts, this.layout));
    this.flush();
  }

  /** Apply one batch of deltas. The caller has checked the sequence. */
  apply(update: OddsUpdateWire, seq: number): void {
    this.seq = seq;
    // In this order: a joined frame may tell of an event that went and came back.
    for (const id of update.removed) if (this.image.delete(id)) this.eventSetChanged(id);
    if (update.removed.length > 0) this.trails.keep(this.image);
    for (const header of update.events) this.applyHeader(header);
    for (const row of update.listings) this.applyListing(row);
    for (const change of update.changes) this.applyChange(change);
    for (const [code, groups] of Object.entries(update.confirmed))
      for (const group of groups) this.applyConfirmation(bookmakerIndex(this.layout, code), group);
    this.flush();
  }

  setReference(choice: ReferenceChoice): void {
    if (choice === this.choice) return;
    this.choice = choice;
    this.touchEverything();
    this.flush();
  }

  setStaleAfter(seconds: number): void {
    this.staleAfterMs = seconds * 1000;
    this.sweep();
  }

  /** Correct the browser's clock by an answer's time; jitter of a quarter second is left alone. */
  setServerTime(text: string): void {
    const offset = Date.parse(text) - Date.now();
    if (Number.isFinite(offset) && Math.abs(offset - this.clockOffset) > 250) this.clockOffset = offset;
  }

  /** While the tab is hidden nothing is painted; on return every mounted key is looked at once. */
  setPainting(painting: boolean): void {
    if (painting === this.painting) return;
    this.painting = painting;
    if (painting) {
      this.sweep();
      this.touchEverything();
      this.flush();
    }
  }

  /** Show everything anew, as after another choice of what is loud. */
  repaint(): void {
    this.touchEverything();
    this.flush();
  }

  /** Let time pass: prices grow stale, events start, arrows fade. Called once a second. */
  sweep(): void {
    const now = this.now();
    for (const event of this.image.values()) {
      if (!event.started && event.kickoffAt <= now) {
        event.started = true;
        this.touchEvent(event);
      }
      if (this.refreshStaleness(event)) this.touchEvent(event);
    }
    for (const [key, view] of this.views) if (isOver(view, now)) this.touch(key);
    this.flush();
  }

  // ---- inside

  /** Take other columns or bookmakers; what was seen moving keeps its place under its new index. */
  private setLayout(layout: Layout): void {
    const before = this.layout;
    const books = before.bookmakers.map(({ code }) => bookmakerIndex(layout, code));
    const columns = before.columns.map(({ key }) => layout.columns.findIndex((each) => each.key === key));
    const place = (move: Move): Move | null => {
      const [bookmaker, column] = [books[move.bookmaker] ?? -1, columns[move.column] ?? -1];
      const name = before.columns[move.column]?.outcomes[move.outcome] ?? "";
      const outcome = layout.columns[column]?.outcomes.indexOf(name) ?? -1;
      return bookmaker < 0 || outcome < 0 ? null : { ...move, bookmaker, column, outcome };
    };
    this.ring.rearrange(place);
    const outcomes = layout.columns.map((column) => column.outcomes.length);
    this.trails.rearrange(outcomes, layout.bookmakers.length, place);
    const width = before.columns.length;
    for (const event of this.image.values()) {
      const markets: EventRecord["markets"] = [];
      event.markets.forEach((market, index) => {
        const [bookmaker, column] = [books[Math.floor(index / width)] ?? -1, columns[index % width] ?? -1];
        const outcomes = layout.columns[column]?.outcomes.join("/");
        // Prices under other outcomes are no earlier prices of these.
        if (bookmaker >= 0 && outcomes === before.columns[index % width]!.outcomes.join("/"))
          markets[bookmaker * layout.columns.length + column] = market;
      });
      event.markets = markets;
    }
    this.layout = layout;
  }

  private replace(image: Image): void {
    const before = this.image;
    this.image = image;
    this.latest.length = 0;
    const now = this.now();
    for (const event of image.values()) {
      event.started =
        event.kickoffAt <= now || event.listings.some((listing) => listing?.state === "started");
      this.refreshStaleness(event);
      event.listings.forEach((listing, bookmaker) => {
        this.noteConfirmation(bookmaker, listing?.confirmedAt ?? null);
      });
      const old = before.get(event.id);
      if (old !== undefined) this.noteMovesBetween(old, event);
    }
    this.trails.keep(image);
    this.touchEverything();
    this.touch(EVENT_SET);
  }

  private noteMovesBetween(old: EventRecord, event: EventRecord): void {
    const columns = this.layout.columns.length;
    event.markets.forEach((market, index) => {
      const bookmaker = Math.floor(index / columns);
      this.noteMoves(event.id, bookmaker, index % columns, old.markets[index], market);
    });
  }

  private applyHeader(row: HeaderWire): void {
    const { sportradar_id: id, home, away, competition } = row;
    const made = eventRecord({ id, home, away, kickoffAt: Date.parse(row.kickoff_at), competition });
    const known = this.image.get(id);
    this.image.set(id, {
      ...made,
      listings: known?.listings ?? [],
      markets: known?.markets ?? [],
      started: made.kickoffAt <= this.now(),
    });
    if (known?.kickoffAt !== made.kickoffAt) this.eventSetChanged(id);
    else this.touch(headerKey(id));
  }

  private applyListing(row: ListingWire): void {
    const event = this.image.get(row.sportradar_id);
    const bookmaker = bookmakerIndex(this.layout, row.bookmaker);
    if (event === undefined || bookmaker < 0) return;
    const listing = listingOf(row);
    if (row.market_confirmed_at === null) {
      listing.marketConfirmedAt = event.listings[bookmaker]?.marketConfirmedAt ?? {};
    }
    event.listings[bookmaker] = listing;
    event.started ||= listing.state === "started";
    this.noteConfirmation(bookmaker, listing.confirmedAt);
    this.refreshStaleness(event);
    this.touchEvent(event);
  }

  private applyChange(change: ChangeWire): void {
    const event = this.image.get(change.sportradar_id);
    const slot = slotOf(this.layout, change);
    if (event === undefined || slot === null) return;
    const old = event.markets[slot.index];
    const market = marketRecord(this.layout, slot.column, change);
    event.markets[slot.index] = market;
    this.noteMoves(event.id, slot.bookmaker, slot.column, old, market);
    this.touchColumn(event, slot.column);
  }

  private applyConfirmation(bookmaker: number, group: ConfirmationWire): void {
    const at = Date.parse(group.at);
    if (bookmaker < 0 || Number.isNaN(at)) return;
    this.noteConfirmation(bookmaker, at);
    for (const id of group.events) {
      const event = this.image.get(id);
      const listing = event?.listings[bookmaker];
      if (event === undefined || listing === undefined) continue;
      if (group.markets === null) listing.confirmedAt = Math.max(listing.confirmedAt ?? 0, at);
      else {
        const times = { ...listing.marketConfirmedAt };
        for (const marketId of group.markets) times[marketId] = Math.max(times[marketId] ?? 0, at);
        listing.marketConfirmedAt = times;
      }
      if (this.refreshStaleness(event)) this.touchEvent(event);
    }
  }

  private noteConfirmation(bookmaker: number, at: number | null): void {
    if (at !== null && at > (this.latest[bookmaker] ?? 0)) this.latest[bookmaker] = at;
  }

  private noteMoves(
    eventId: string,
    bookmaker: number,
    column: number,
    old: MarketRecord | undefined,
    market: MarketRecord | undefined,
  ): void {
    market?.odds.forEach((to, outcome) => {
      const from = old?.odds[outcome] ?? null;
      if (from === null || to === null || from === to) return;
      const move: Move = { at: this.now(), eventId, bookmaker, column, outcome, from, to };
      const key = cellKey(eventId, bookmaker, column, outcome);
      this.ring.push(move);
      this.trails.set(move);
      if (this.painting) this.flashes.set(key, directionOf(from, to));
    });
  }

  /** Recompute which columns are too old; returns whether any listing of the event looks different now. */
  private refreshStaleness(event: EventRecord): boolean {
    const oldestFresh = this.now() - this.staleAfterMs;
    let changed = false;
    for (const listing of event.listings) {
      if (listing !== undefined && refreshStale(listing, this.layout, oldestFresh)) changed = true;
    }
    return changed;
  }

  private view<T>(key: string, compute: (event: EventRecord) => T): T | null {
    if (this.views.has(key)) return this.views.get(key) as T | null;
    const event = this.image.get(key.slice(0, key.indexOf("/")));
    const made = event === undefined ? null : compute(event);
    this.views.set(key, made);
    return made;
  }

  private eventSetChanged(id: string): void {
    this.touch(EVENT_SET);
    const event = this.image.get(id);
    if (event !== undefined) this.touchEvent(event);
    else for (const key of this.views.keys()) if (key.startsWith(`${id}/`)) this.touch(key);
  }

  private touchEvent(event: EventRecord): void {
    this.touch(headerKey(event.id));
    this.touch(presenceKey(event.id));
    for (let column = 0; column < this.layout.columns.length; column++) this.touchColumn(event, column);
  }

  /** A price of one bookmaker changes the gap, rank and margin of all bookmakers in that market. */
  private touchColumn(event: EventRecord, column: number): void {
    const outcomes = this.layout.columns[column]!.outcomes.length;
    for (let bookmaker = 0; bookmaker < this.layout.bookmakers.length; bookmaker++) {
      this.touch(marginKey(event.id, bookmaker, column));
      for (let outcome = 0; outcome < outcomes; outcome++)
        this.touch(cellKey(event.id, bookmaker, column, outcome));
    }
    this.touch(presenceKey(event.id));
    this.touch(crossingKey(event.id));
  }

  private touchEverything(): void {
    for (const key of this.views.keys()) if (!this.subscriptions.has(key)) this.views.delete(key);
    for (const key of this.subscriptions.keys()) this.dirty.add(key);
  }

  private touch(key: string): void {
    if (this.subscriptions.has(key)) this.dirty.add(key);
    else this.views.delete(key);
  }

  /** Tell the subscribers of touched keys, those only whose view came out different. */
  private flush(): void {
    if (!this.painting) return;
    const touched = [...this.dirty];
    this.dirty.clear();
    for (const key of touched) if (this.refreshed(key)) this.subscriptions.notify(key);
  }

  private refreshed(key: string): boolean {
    if (!key.includes("/")) return true; // LAYOUT, EVENT_SET: told, not viewed
    const before = this.views.get(key);
    this.views.delete(key);
    const after = this.recompute(key);
    if (!sameView(before, after)) return true;
    this.views.set(key, before);
    return false;
  }

  private recompute(key: string): unknown {
    const [id = "", first = "", column = "", last = ""] = key.split("/");
    if (first === "E") return this.header(id);
    if (first === "B") return this.presences(id);
    if (first === "X") return this.crossing(id);
    return last === "M"
      ? this.margin(id, Number(first), Number(column))
      : this.cell(id, Number(first), Number(column), Number(last));
  }
}

function directionOf(from: number, to: number): Direction {
  return to > from ? "up" : "down";
}

/** Whether a view shows an arrow whose time is over. */
function isOver(view: unknown, now: number): boolean {
  const { arrowUntil = null } = (view ?? {}) as Partial<CellView>;
  return arrowUntil !== null && arrowUntil <= now;
}
