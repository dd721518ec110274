import type { OddsStore } from "@/lib/store/oddsStore";
import { columnKey } from "@/lib/store/layout";
import type { ChangeWire, Frame, SnapshotWire } from "@/types/wire";

export const eventTopic = (eventId: string): string => `event:${eventId}`;

/**
 * Keeps one event's own store level with topic `event:{id}`: a snapshot, then deltas.
 *
 * A hole in the sequence, or a market that the store has no column for, asks for everything again.
 */
export class EventLink {
  private parts: SnapshotWire[] | null = null;
  private awaiting = true;

  /**
   * @param resubscribe Asks the server for a snapshot of the topic.
   * @param onUnknown Told of markets that the store cannot place: the event has to be read anew.
   */
  constructor(
    readonly topic: string,
    private readonly store: OddsStore,
    private readonly resubscribe: () => void,
    private readonly onUnknown: () => void,
  ) {}

  /** Wait for a snapshot, as after each new subscription. */
  restart(): void {
    this.awaiting = true;
    this.parts = null;
  }

  /** @param frame null for one that could not be read: it may have carried prices. */
  receive(frame: Frame | null): void {
    if (frame === null) this.again();
    else if (frame.type === "snapshot") this.takePart(frame);
    else if (frame.type === "odds_update") this.takeUpdate(frame);
    else if (frame.type === "resync") this.restart(); // the server sends the snapshot by itself
  }

  /** Everything up to here was sent or filtered for us. */
  reached(seq: number | undefined): void {
    if (seq !== undefined && !this.awaiting && seq > this.store.seq) this.store.seq = seq;
  }

  private again(): void {
    if (this.awaiting) return;
    this.restart();
    this.resubscribe();
  }

  private takePart({ data, epoch, seq }: Extract<Frame, { type: "snapshot" }>): void {
    if (data.part === 1) this.parts = [];
    this.parts?.push(data);
    if (!data.last || this.parts === null) return;
    const parts = this.parts;
    this.parts = null;
    this.awaiting = false;
    this.store.loadSnapshot(parts, epoch, seq ?? 0);
    this.look(parts.flatMap((part) => part.markets));
  }

  private takeUpdate({ data, epoch, seq }: Extract<Frame, { type: "odds_update" }>): void {
    if (this.awaiting) return;
    const last = seq ?? data.first_seq;
    if (epoch !== this.store.epoch || data.first_seq > this.store.seq + 1) {
      this.again();
      return;
    }
    if (last < this.store.seq) return;
    this.store.apply(data, last);
    this.look(data.changes);
  }

  private look(changes: readonly ChangeWire[]): void {
    const { columns, bookmakers } = this.store.layout;
    const known = new Map(columns.map((column) => [column.key, column]));
    const unknown = changes.some(({ market_id, line, bookmaker, outcomes }) => {
      if (!bookmakers.some(({ code }) => code === bookmaker)) return false;
      const column = known.get(columnKey(market_id, line));
      return outcomes.some(({ name }) => column?.outcomes.includes(name) !== true);
    });
    if (unknown) this.onUnknown();
  }
}
