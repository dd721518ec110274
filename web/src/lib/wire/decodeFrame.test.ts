import { describe, expect, test } from "vitest";
import { decodeFrame } from "./decodeFrame";
import { WireError } from "./read";

const ENVELOPE = { timestamp: "2026-11-24T12:00:00.000Z", topic: "odds_updates", epoch: "e", seq: 12 };

describe("decodeFrame", () => {
  test("reads an odds update, parts that were left out are empty", () => {
    const frame = decodeFrame({
      ...ENVELOPE,
      type: "odds_update",
      data: {
        first_seq: 11,
        run_id: "r",
        changes: [
          {
            sportradar_id: "1",
            bookmaker: "betpawa",
            market_id: "3743",
            line: "",
            state: "open",
            suspect: [],
            changed_at: "2026-11-24T12:00:00.000Z",
            overround: 0.04,
            outcomes: [
              { name: "1", odds: 2.1, state: "open" },
              { name: "X", odds: null, state: "suspended" },
            ],
            previous: [2.0, null],
          },
        ],
        confirmed: { betpawa: [{ at: "2026-11-24T12:00:00.000Z", events: ["1"], markets: ["3743"] }] },
      },
    });
    if (frame?.type !== "odds_update") throw new Error("another type");
    expect(frame.data.first_seq).toBe(11);
    expect(frame.data.removed).toEqual([]);
    expect(frame.data.changes[0]?.outcomes[1]).toEqual({ name: "X", odds: null, state: "suspended" });
    expect(frame.data.confirmed.betpawa?.[0]?.markets).toEqual(["3743"]);
  });

  test("a confirmation without markets speaks for all of them", () => {
    const frame = decodeFrame({
      ...ENVELOPE,
      type: "odds_update",
      data: { first_seq: 12, confirmed: { bet9ja: [{ at: "2026-11-24T12:00:00.000Z", events: ["1"] }] } },
    });
    expect(frame?.type === "odds_update" && frame.data.confirmed.bet9ja?.[0]?.markets).toBeNull();
  });

  test("reads control messages that have neither epoch nor seq", () => {
    const frame = decodeFrame({
      type: "connection_ack",
      timestamp: "t",
      data: { build: "b", epoch: "e", heartbeat_ms: 5000 },
    });
    expect(frame).toMatchObject({ type: "connection_ack", epoch: null, seq: null, data: { build: "b" } });
  });

  test("reads a heartbeat's sequence numbers and sources", () => {
    const frame = decodeFrame({
      type: "heartbeat",
      timestamp: "t",
      data: {
        seq: { odds_updates: 40 },
        sources: [{ bookmaker: "bet9ja", state: "down", reason: "refused", since: "t" }],
      },
    });
    expect(frame).toMatchObject({ data: { seq: { odds_updates: 40 }, sources: [{ state: "down" }] } });
  });

  test("a type that a newer server invents is no error", () => {
    expect(decodeFrame({ type: "weather", data: {} })).toBeNull();
  });

  test.each([
    ["no object", 3],
    ["an odds update without first_seq", { ...ENVELOPE, type: "odds_update", data: {} }],
    [
      "a change without outcomes' names",
      {
        ...ENVELOPE,
        type: "odds_update",
        data: {
          first_seq: 1,
          changes: [{ sportradar_id: "1", bookmaker: "b", market_id: "3743", outcomes: [{}] }],
        },
      },
    ],
  ])("refuses %s", (_what, body) => {
    expect(() => decodeFrame(body)).toThrow(WireError);
  });
});
