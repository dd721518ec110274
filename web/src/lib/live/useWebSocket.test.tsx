// @vitest-environment jsdom
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OddsStore } from "@/lib/store/oddsStore";
import { StatusStore } from "@/lib/store/statusStore";
import { board, change, EPOCH, header, iso, NOW, update } from "@/testing/boards";
import { FakeSocket } from "@/testing/fakeSocket";
import type { BoardWire } from "@/types/wire";
import { backoffMs } from "./backoff";
import { useWebSocket } from "./useWebSocket";

const ID = "61300947";
const EVENTS = [{ id: ID, books: { betpawa: { odds: [2, 3, 4] }, sportybet: { odds: [2, 3, 4] } } }];

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Mount the hook against sockets and boards that the test holds in its hand. */
async function mount(loadBoard: () => Promise<BoardWire> = () => Promise.resolve(board(EVENTS))) {
  const sockets: FakeSocket[] = [];
  const [odds, status] = [new OddsStore(), new StatusStore()];
  const openSocket = () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  };
  const loads = vi.fn(loadBoard);
  const hook = renderHook(() =>
    useWebSocket({ odds, status, openSocket, loadBoard: loads, random: () => 1 }),
  );
  await pass(0);
  const newest = () => sockets.at(-1)!;
  return {
    odds,
    status,
    sockets,
    newest,
    loads,
    unmount: hook.unmount,
    connection: () => hook.result.current,
  };
}

async function pass(ms: number): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
}

describe("the first connection", () => {
  test("loads the board, then follows on from its epoch and seq", async () => {
    const { newest, odds, status } = await mount();
    newest().accept();
    expect(newest().lastSubscribe?.data).toMatchObject({
      topics: ["odds_updates", "scrape_progress", "status"],
      since: { odds_updates: { epoch: EPOCH, seq: 10 } },
      conflate_ms: 250,
    });
    newest().pushUpdate(update(11, { changes: [change(ID, "betpawa", [2.1, 3, 4])] }));
    expect([odds.cell(ID, 0, 0, 0).odds, odds.seq, status.link.state]).toEqual([2.1, 11, "live"]);
  });

  test("is tried again when the board does not come", async () => {
    let answer = false;
    const { sockets, status, loads } = await mount(() =>
      answer ? Promise.resolve(board(EVENTS)) : Promise.reject(new Error("status 503")),
    );
    expect([sockets.length, status.link.state]).toEqual([0, "reconnecting"]);
    expect(status.link.reason).toContain("503");
    answer = true;
    await pass(500);
    expect([loads.mock.calls.length, sockets.length]).toEqual([2, 1]);
  });
});

describe("markets beyond the main ones", () => {
  test("are loaded with the Board and followed by filter, from where the Board stands", async () => {
    const { newest, loads, odds, connection } = await mount();
    newest().accept();
    connection().setMarkets(["3743", "5000:3.5"]);
    expect(newest().sent.at(-1)).toMatchObject({ type: "unsubscribe", data: { topics: ["odds_updates"] } });
    newest().pushUpdate(update(11, { changes: [change(ID, "betpawa", [9, 3, 4])] })); // of the old subscription
    await pass(0);
    expect(loads).toHaveBeenLastCalledWith(["3743", "5000:2.5", "3795", "4693", "5000:3.5"]);
    expect(odds.asked).toEqual(["5000:3.5"]);
    expect(odds.cell(ID, 0, 0, 0).odds).toBe(2);
    expect(newest().lastSubscribe?.data).toMatchObject({
      topics: ["odds_updates"],
      since: { odds_updates: { epoch: EPOCH, seq: 10 } },
      filter: { markets: ["3743", "5000:2.5", "3795", "4693", "5000:3.5"] },
    });
    connection().setMarkets(["3743"]);
    await pass(0);
    expect(loads).toHaveBeenCalledTimes(2); // what is held already needs no answer
  });

  test("that do not come leave the main ones live, and are asked for again", async () => {
    let answer = true;
    const { newest, loads, odds, connection } = await mount(() =>
      answer ? Promise.resolve(board(EVENTS)) : Promise.reject(new Error("status 503")),
    );
    newest().accept();
    answer = false;
    connection().setMarkets(["29"]);
    await pass(0);
    newest().pushUpdate(update(11, { changes: [change(ID, "betpawa", [2.1, 3, 4])] }));
    expect([odds.cell(ID, 0, 0, 0).odds, loads.mock.calls.length]).toEqual([2.1, 2]);
    answer = true;
    await pass(5000);
    expect(odds.asked).toEqual(["29"]);
  });
});

test("rows of a list are asked for while somebody follows it, on every link", async () => {
  const { newest, connection } = await mount();
  const heard: unknown[] = [];
  const stop = connection().hear("movements", ({ id }) => heard.push(id));
  newest().accept();
  expect(newest().lastSubscribe?.data.topics).toEqual(["movements"]);
  newest().push("movement", { id: "m1" }, { topic: "movements" });
  newest().drop();
  await pass(500);
  newest().accept();
  expect(newest().lastSubscribe?.data.topics).toEqual(["movements"]);
  newest().push("movement", { id: "m2" }, { topic: "movements" });
  newest().push("alert", { id: "a1" }, { topic: "alerts" });
  stop();
  expect(newest().sent.at(-1)).toEqual({ type: "unsubscribe", data: { topics: ["movements"] } });
  newest().push("movement", { id: "m3" }, { topic: "movements" });
  expect(heard).toEqual(["m1", "m2"]);
});

describe("a lost link", () => {
  test("is taken up again where it stood, without another board", async () => {
    const { newest, sockets, loads, odds, status } = await mount();
    newest().accept();
    newest().pushUpdate(update(11));
    newest().drop();
    expect([status.link.state, status.link.lostAt]).toEqual(["reconnecting", NOW]);
    await pass(500);
    newest().accept();
    expect(sockets.length).toBe(2);
    expect(newest().lastSubscribe?.data.since).toEqual({ odds_updates: { epoch: EPOCH, seq: 11 } });
    newest().push("subscribed", { topic: "odds_updates", mode: "resumed" });
    newest().pushUpdate(update(12, { changes: [change(ID, "betpawa", [1.9, 3, 4])] }), 40);
    expect([odds.cell(ID, 0, 0, 0).odds, odds.cell(ID, 0, 0, 0).flash, odds.seq]).toEqual([1.9, "down", 40]);
    expect([loads.mock.calls.length, status.link.state, status.link.lostAt]).toEqual([1, "live", null]);
  });

  test("is tried at growing distances, never more than 15 s apart", () => {
    const waits = Array.from({ length: 9 }, (_, failures) => backoffMs(failures, () => 1));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000]);
    expect(backoffMs(9, () => 0)).toBe(0); // full jitter: anywhere from now on
  });

  test("counts as lost after two and a half heartbeats of silence", async () => {
    const { newest, sockets, status } = await mount();
    const first = newest();
    first.accept();
    await pass(12_400);
    expect(status.link.state).toBe("live");
    await pass(200);
    expect([first.closed, status.link.state]).toEqual([true, "reconnecting"]);
    await pass(500);
    expect(sockets.length).toBe(2);
  });

  test("is bridged by polling while the board still answers", async () => {
    const { newest, status, odds, loads } = await mount();
    newest().accept();
    loads.mockImplementation(() =>
      Promise.resolve(board([{ id: ID, books: { betpawa: { odds: [2.5, 3, 4] } } }], 50)),
    );
    newest().drop();
    for (let second = 0; second < 16; second++) {
      await pass(1000);
      newest().drop();
    }
    expect([status.link.state, status.link.lostAt, odds.cell(ID, 0, 0, 0).odds]).toEqual([
      "polling",
      null,
      2.5,
    ]);
    await pass(15_000);
    newest().accept();
    expect(status.link.state).toBe("live");
    const calls = loads.mock.calls.length;
    newest().push("heartbeat", { seq: {}, sources: [] });
    await pass(10_000);
    newest().push("heartbeat", { seq: {}, sources: [] });
    await pass(10_000);
    expect(loads.mock.calls.length).toBe(calls);
  });

  test("stays lost after the page is left", async () => {
    const { newest, sockets, unmount } = await mount();
    newest().accept();
    act(unmount);
    expect(newest().closed).toBe(true);
    await pass(60_000);
    expect([sockets.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

describe("a hole in the sequence", () => {
  test("asks for a snapshot and disregards deltas until it has come", async () => {
    const { newest, odds } = await mount();
    newest().accept();
    newest().pushUpdate(update(13, { changes: [change(ID, "betpawa", [9, 3, 4])] }));
    expect(newest().lastSubscribe?.data).toEqual({ topics: ["odds_updates"], conflate_ms: 250 });
    newest().pushUpdate(update(14, { changes: [change(ID, "betpawa", [9, 3, 4])] }));
    expect([odds.cell(ID, 0, 0, 0).odds, odds.seq]).toEqual([2, 10]);

    pushSnapshot(newest(), 20, 2.2);
    newest().pushUpdate(update(21, { changes: [change(ID, "betpawa", [2.3, 3, 4])] }));
    expect([odds.cell(ID, 0, 0, 0).odds, odds.seq]).toEqual([2.3, 21]);
  });

  test("is none where a frame begins before what we hold", async () => {
    const { newest, odds } = await mount();
    newest().accept();
    newest().pushUpdate(update(8, { changes: [change(ID, "betpawa", [2.1, 3, 4])] }), 12);
    expect([odds.cell(ID, 0, 0, 0).odds, odds.seq, newest().sent.length]).toEqual([2.1, 12, 1]);
  });

  test("is none in the parts of a large update, which account for nothing before the last", async () => {
    const { newest, odds } = await mount();
    newest().accept();
    newest().pushUpdate(update(11, { changes: [change(ID, "betpawa", [2.1, 3, 4])] }), 10);
    expect([odds.cell(ID, 0, 0, 0).odds, odds.seq]).toEqual([2.1, 10]);
    newest().pushUpdate(update(11, { changes: [change(ID, "sportybet", [2.2, 3, 4])] }), 11);
    expect([odds.cell(ID, 1, 0, 0).odds, odds.seq, newest().sent.length]).toEqual([2.2, 11, 1]);
  });

  test("is none where a heartbeat says that the rest was filtered", async () => {
    const { newest, odds } = await mount();
    newest().accept();
    newest().push("heartbeat", { seq: { odds_updates: 30 }, sources: [] });
    newest().pushUpdate(update(31, { changes: [change(ID, "betpawa", [2.1, 3, 4])] }));
    expect([odds.cell(ID, 0, 0, 0).odds, odds.seq]).toEqual([2.1, 31]);
  });

  test("may be a frame that cannot be read", async () => {
    const { newest } = await mount();
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    newest().accept();
    newest().onmessage?.({ data: "{" });
    expect(newest().lastSubscribe?.data.since).toBeUndefined();
  });
});

describe("a new epoch", () => {
  test("brings a snapshot whose epoch and seq are followed from then on", async () => {
    const { newest, odds } = await mount();
    newest().accept("build-1", "epoch-2");
    newest().push("subscribed", { topic: "odds_updates", mode: "snapshot", reason: "new_epoch" });
    pushSnapshot(newest(), 3, 2.6, "epoch-2");
    newest().pushUpdate(update(4, { changes: [change(ID, "betpawa", [2.7, 3, 4])] }), 4, "epoch-2");
    expect([odds.cell(ID, 0, 0, 0).odds, odds.epoch, odds.seq]).toEqual([2.7, "epoch-2", 4]);
  });

  test("of a frame without a snapshot before it asks for one", async () => {
    const { newest, odds } = await mount();
    newest().accept();
    newest().pushUpdate(update(11, { changes: [change(ID, "betpawa", [9, 3, 4])] }), 11, "epoch-2");
    expect([odds.cell(ID, 0, 0, 0).odds, newest().lastSubscribe?.data.topics]).toEqual([2, ["odds_updates"]]);
  });
});

describe("control messages", () => {
  test("a resync holds deltas back until the snapshot, and asks again when none comes", async () => {
    const { newest, odds } = await mount();
    newest().accept();
    newest().push("resync", { topic: "odds_updates", reason: "reloaded" });
    newest().pushUpdate(update(11, { changes: [change(ID, "betpawa", [9, 3, 4])] }));
    expect([odds.seq, newest().sent.length]).toEqual([10, 1]);
    newest().push("heartbeat", { seq: { odds_updates: 30 }, sources: [] });
    await pass(10_000);
    expect([odds.seq, newest().sent.length]).toEqual([10, 2]);
  });

  test("another build after a reconnect asks for a reload of the page", async () => {
    const { newest, status } = await mount();
    newest().accept("build-1");
    newest().drop(4009);
    expect(status.link.reason).toContain("restarting");
    await pass(500);
    newest().accept("build-2");
    expect(status.link.outdated).toBe(true);
  });

  test("run progress, its end and the sources reach the status store", async () => {
    const { newest, status } = await mount();
    newest().accept();
    newest().push("scrape_progress", {
      run_id: "r",
      phase: "fetch",
      bookmaker: "bet9ja",
      current: 3,
      total: 9,
    });
    expect(status.runs.active?.byBookmaker.bet9ja?.current).toBe(3);
    newest().push("run_finished", { run_id: "r", status: "completed", finished_at: iso(NOW) });
    expect([status.runs.active, status.runs.last?.status]).toEqual([null, "completed"]);
    newest().push("source_health", {
      bookmaker: "bet9ja",
      state: "down",
      reason: "refused",
      since: iso(NOW),
    });
    expect(status.sources.bet9ja?.state).toBe("down");
  });

  test("changed settings take effect at once", async () => {
    const { newest, odds } = await mount();
    newest().accept();
    newest().push("settings_changed", { stale_after_s: 4 });
    expect(odds.cell(ID, 0, 0, 0).stale).toBe(true);
  });

  test("another set of bookmakers reloads the board", async () => {
    const { newest, loads, sockets } = await mount();
    newest().accept();
    newest().push("settings_changed", { enabled_bookmakers: ["betpawa"] });
    await pass(0);
    expect([loads.mock.calls.length, sockets.length]).toEqual([2, 2]);
  });
});

function pushSnapshot(socket: FakeSocket, seq: number, odds: number, epoch = EPOCH): void {
  const place = { topic: "odds_updates", epoch, seq };
  const part = { now: iso(NOW), events: [], listings: [], markets: [] };
  const listing = { sportradar_id: ID, bookmaker: "betpawa", state: "open", confirmed_at: iso(NOW) };
  socket.push(
    "snapshot",
    { ...part, part: 1, last: false, events: [header(ID)], listings: [listing] },
    place,
  );
  socket.push(
    "snapshot",
    { ...part, part: 2, last: true, markets: [change(ID, "betpawa", [odds, 3, 4])] },
    place,
  );
}
