import type { SocketLike } from "@/lib/live/connection";
import type { OddsUpdateWire, Since } from "@/types/wire";
import { EPOCH, iso, NOW } from "./boards";

interface Sent {
  type: string;
  data: { topics: string[]; since?: Since };
}

/** A server's end of a WebSocket, by hand. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  closed = false;
  readonly sent: Sent[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(): void {
    this.closed = true;
  }

  /** Accept the connection and acknowledge it. */
  accept(build = "build-1", epoch = EPOCH): void {
    this.onopen?.();
    this.push("connection_ack", { build, epoch, heartbeat_ms: 5000, world: "simulated" });
  }

  /** Lose the connection. */
  drop(code = 1006): void {
    this.onclose?.({ code, reason: "" });
  }

  push(type: string, data: unknown, more: { topic?: string; epoch?: string; seq?: number } = {}): void {
    this.onmessage?.({ data: JSON.stringify({ type, timestamp: iso(NOW), data, ...more }) });
  }

  pushUpdate(data: OddsUpdateWire, seq = data.first_seq, epoch = EPOCH): void {
    this.push("odds_update", data, { topic: "odds_updates", epoch, seq });
  }

  get lastSubscribe(): Sent | undefined {
    return this.sent.findLast((message) => message.type === "subscribe");
  }
}
