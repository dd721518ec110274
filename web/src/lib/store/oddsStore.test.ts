import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { board, change, EPOCH, header, iso, listing, NOW, update, type EventPrices } from "@/testing/boards";
import { cellKey, EVENT_SET, marginKey, OddsStore } from "./oddsStore";
import { unreadName } from "./records";

const [OWN, SPORTY, BET9JA] = [0, 1, 2];
const ID = "61300947";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

function storeOf(...events: EventPrices[]): OddsStore {
  const store = new OddsStore();
  store.loadBoard(board(events));
  return store;
}

function threeBooks(own: number, sporty: number, bet9ja: number): EventPrices {
  return {
    id: ID,
    books: {
      betpawa: { odds: [own, 3, 4] },
      sportybet: { odds: [sporty, 3, 4] },
      bet9ja: { odds: [bet9ja, 3, 4] },
    },
  };
}

describe("other columns", () => {
  test("keep the arrows of the ones that stay, under their new place", () => {
    const store = new OddsStore();
    store.loadBoard(board([{ id: "1", books: { betpawa: { odds: [2, 3, 4] } } }]));
    store.apply(update(11, { changes: [change("1", "betpawa", [2.2, 3, 4])] }), 11);
    const wider = board([{ id: "1", books: { betpawa: { odds: [2.2, 3, 4] } } }], 11);
    wider.markets.unshift("29|");
    wider.market_names.unshift("Odd/Even");
    wider.outcomes.unshift(["Odd", "Even"]);
    wider.winners.unshift(1);
    wider.prices.market = wider.prices.market.map((market) => market + 1);
    store.loadBoard(wider, ["29"]);
    expect([
      store.cell("1", 0, 1, 0).arrow,
      store.cell("1", 0, 1, 0).odds,
      store.cell("1", 0, 0, 0).state,
    ]).toEqual(["up", 2.2, "absent"]);
  });

  test("take arrows along by the outcome's name, and never tell a move that only the order made", () => {
    const store = new OddsStore();
    const goals = { betpawa: { odds: [2, 3, 4], goals: [1.8, 2] } };
    store.loadBoard(board([{ id: "1", books: goals }]));
    const moved = { betpawa: { odds: [2, 3, 4], goals: [1.8, 2.1] } };
    store.loadBoard(board([{ id: "1", books: moved }], 11));
    expect(store.cell("1", 0, 1, 1).arrow).toBe("up");
    const shorter = board([{ id: "1", books: moved }], 12);
    shorter.outcomes[1] = ["Under"];
    shorter.prices.odds = shorter.prices.odds.map((odds) => (odds.length === 2 ? [odds[1]!] : odds));
    store.loadBoard(shorter);
    expect([store.cell("1", 0, 1, 0).odds, store.cell("1", 0, 1, 0).arrow]).toEqual([2.1, "up"]);
    const other = board([{ id: "1", books: moved }], 13);
    other.outcomes[1] = ["Exactly"];
    other.prices.odds = other.prices.odds.map((odds) => (odds.length === 2 ? [3] : odds));
    store.loadBoard(other);
    expect(store.cell("1", 0, 1, 0).arrow).toBeNull();
  });
});

describe("who hears of a change", () => {
  test("only keys whose view came out different", () => {
    const store = storeOf(threeBooks(2, 2, 2), { ...threeBooks(2, 2, 2), id: "2" });
    const heard: string[] = [];
    const keys = [
      cellKey(ID, OWN, 0, 0),
      cellKey(ID, SPORTY, 0, 0),
      cellKey(ID, OWN, 0, 1),
      cellKey("2", OWN, 0, 0),
    ];
    for (const key of keys) {
      const [id = "", bookmaker, column, outcome] = key.split("/");
      store.cell(id, Number(bookmaker), Number(column), Number(outcome));
      store.subscribe(key, () => heard.push(key));
    }
    store.apply(update(11, { changes: [change(ID, "sportybet", [2.1, 3, 4])] }), 11);
    // The rival's price, and the own one whose gap follows; not the draw, not the other event.
    expect(heard.sort()).toEqual([cellKey(ID, OWN, 0, 0), cellKey(ID, SPORTY, 0, 0)].sort());
  });

  test("nobody, when the same change is applied again", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    const listener = vi.fn();
    store.apply(update(11, { changes: [change(ID, "sportybet", [2.1, 3, 4])] }), 11);
    vi.advanceTimersByTime(2000);
    store.cell(ID, SPORTY, 0, 0);
    store.subscribe(cellKey(ID, SPORTY, 0, 0), listener);
    store.apply(update(11, { changes: [change(ID, "sportybet", [2.1, 3, 4])] }), 11);
    expect(listener).not.toHaveBeenCalled();
  });

  test("a hidden tab paints nothing and looks once at what is mounted when it returns", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    const listener = vi.fn();
    store.cell(ID, OWN, 0, 0);
    store.subscribe(cellKey(ID, OWN, 0, 0), listener);
    store.setPainting(false);
    store.apply(update(11, { changes: [change(ID, "betpawa", [2.1, 3, 4])] }), 11);
    store.apply(update(12, { changes: [change(ID, "betpawa", [2.2, 3, 4])] }), 12);
    expect(listener).not.toHaveBeenCalled();
    store.setPainting(true);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(store.cell(ID, OWN, 0, 0).odds).toBe(2.2);
  });

  test("events that come and go are told as a set", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    const listener = vi.fn();
    store.subscribe(EVENT_SET, listener);
    store.apply(update(11, { events: [header("7")] }), 11);
    store.apply(update(12, { removed: ["7"] }), 12);
    expect(listener).toHaveBeenCalledTimes(2);
    expect(store.event("7")).toBeUndefined();
  });
});

describe("an event that went and came back within one frame", () => {
  test("is there, with what the frame tells of it and nothing from before", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    const parts = { removed: [ID], events: [header(ID)], changes: [change(ID, "betpawa", [2.5, 3, 4])] };
    store.apply(update(11, { ...parts, listings: [listing(ID)] }), 12);
    expect(store.cell(ID, OWN, 0, 0).odds).toBe(2.5);
    expect(store.cell(ID, SPORTY, 0, 0).odds).toBeNull();
  });
});

describe("gap", () => {
  test("is against the median of the fresh rivals; of two it is their mean", () => {
    const store = storeOf(threeBooks(2.2, 2.1, 1.9));
    expect(store.cell(ID, OWN, 0, 0).gap).toBeCloseTo(0.1, 12);
  });

  test.each<[string, EventPrices["books"]["bet9ja"]]>([
    ["stale", { odds: [4, 3, 4], ageS: 601 }],
    ["suspended", { odds: [4, 3, 4], suspended: 1 }],
    ["suspended as a market", { odds: [4, 3, 4], state: "suspended" }],
    ["withdrawn", { odds: [4, 3, 4], state: "withdrawn" }],
    ["suspect", { odds: [4, 3, 4], suspect: ["outlier"] }],
    ["not listed any more", { odds: [4, 3, 4], listing: "withdrawn" }],
    ["started", { odds: [4, 3, 4], listing: "unknown" }],
  ])("leaves out a rival that is %s", (_state, bet9ja) => {
    const store = storeOf({
      id: ID,
      books: { betpawa: { odds: [2.2, 3, 4] }, sportybet: { odds: [2, 3, 4] }, bet9ja: bet9ja! },
    });
    expect(store.cell(ID, OWN, 0, 0).gap).toBeCloseTo(0.1, 12);
    expect(store.cell(ID, BET9JA, 0, 0).gap).toBeNull();
  });

  test("is nothing without a fresh rival, and nothing for an own price that is not usable", () => {
    const alone = storeOf({ id: ID, books: { betpawa: { odds: [2.2, 3, 4] } } });
    const locked = storeOf({
      id: ID,
      books: { betpawa: { odds: [2.2, 3, 4], suspended: 1 }, sportybet: { odds: [2, 3, 4] } },
    });
    expect([alone.cell(ID, OWN, 0, 0).gap, locked.cell(ID, OWN, 0, 0).gap]).toEqual([null, null]);
  });

  test("follows the chosen reference", () => {
    const store = storeOf(threeBooks(2.2, 2, 2.5));
    store.setReference("best");
    expect(store.cell(ID, OWN, 0, 0).gap).toBeCloseTo(2.2 / 2.5 - 1, 12);
    store.setReference("sportybet");
    expect(store.cell(ID, OWN, 0, 0).gap).toBeCloseTo(0.1, 12);
  });

  test("of a rival is its price against the own one", () => {
    const store = storeOf(threeBooks(2, 2.1, 1.9));
    expect(store.cell(ID, SPORTY, 0, 0).gap).toBeCloseTo(0.05, 12);
    expect([store.cell(ID, SPORTY, 0, 0).best, store.cell(ID, BET9JA, 0, 0).best]).toEqual([true, false]);
  });

  test("ends at kick-off", () => {
    const store = storeOf({ ...threeBooks(2.2, 2, 2), kickoffAt: NOW + 60_000 });
    expect(store.cell(ID, OWN, 0, 0).gap).not.toBeNull();
    vi.advanceTimersByTime(61_000);
    store.sweep();
    expect(store.cell(ID, OWN, 0, 0).gap).toBeNull();
    expect(store.header(ID)?.started).toBe(true);
  });
});

describe("flash", () => {
  test("is set by a changed price and swept after 900 ms by one interval that then stops", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    const listener = vi.fn();
    store.cell(ID, OWN, 0, 0);
    store.subscribe(cellKey(ID, OWN, 0, 0), listener);
    const idle = vi.getTimerCount();
    store.apply(update(11, { changes: [change(ID, "betpawa", [2.1, 2.9, 4])] }), 11);
    expect([
      store.cell(ID, OWN, 0, 0).flash,
      store.cell(ID, OWN, 0, 1).flash,
      store.cell(ID, OWN, 0, 2).flash,
    ]).toEqual(["up", "down", null]);
    expect(vi.getTimerCount()).toBe(idle + 1);
    vi.advanceTimersByTime(1000);
    expect(store.cell(ID, OWN, 0, 0).flash).toBeNull();
    expect([listener.mock.calls.length, store.flashing, vi.getTimerCount()]).toEqual([2, 0, idle]);
  });

  test("marks once what a resync finds changed, and nothing at the first load", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    expect(store.flashing).toBe(0);
    store.loadBoard(board([threeBooks(2.1, 2, 2)], 30));
    expect([store.flashing, store.cell(ID, OWN, 0, 0).flash]).toEqual([1, "up"]);
  });

  test("leaves an arrow for an hour, muted after ten minutes", () => {
    const store = storeOf({ ...threeBooks(2, 2, 2), kickoffAt: NOW + 10 * 3_600_000 });
    store.apply(update(11, { changes: [change(ID, "betpawa", [1.9, 3, 4])] }), 11);
    const arrow = () => {
      const { arrow, arrowMuted } = store.cell(ID, OWN, 0, 0);
      return [arrow, arrowMuted];
    };
    expect(arrow()).toEqual(["down", false]);
    vi.advanceTimersByTime(11 * 60_000);
    store.sweep();
    expect(arrow()).toEqual(["down", true]);
    vi.advanceTimersByTime(50 * 60_000);
    store.sweep();
    expect(arrow()).toEqual([null, false]);
  });
});

describe("staleness", () => {
  test("comes with time and goes with a confirmation", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    vi.advanceTimersByTime(600_000);
    store.sweep();
    expect(store.cell(ID, OWN, 0, 0).stale).toBe(true);
    const at = iso(NOW + 600_000);
    store.apply(update(11, { confirmed: { betpawa: [{ at, events: [ID], markets: null }] } }), 11);
    expect(store.cell(ID, OWN, 0, 0).stale).toBe(false);
    expect(store.latestConfirmation(OWN)).toBe(NOW + 600_000);
  });

  test("of one market ends with a confirmation of that market alone", () => {
    const store = storeOf({ id: ID, books: { betpawa: { odds: [2, 3, 4], goals: [1.9, 1.9], ageS: 700 } } });
    store.apply(
      update(11, { confirmed: { betpawa: [{ at: iso(NOW), events: [ID], markets: ["3743"] }] } }),
      11,
    );
    expect([store.cell(ID, OWN, 0, 0).stale, store.cell(ID, OWN, 1, 0).stale]).toEqual([false, true]);
  });

  test("is measured on the server's clock", () => {
    vi.setSystemTime(NOW + 3_600_000); // the browser is an hour ahead
    const store = storeOf(threeBooks(2, 2, 2));
    expect(store.cell(ID, OWN, 0, 0).stale).toBe(false);
  });
});

describe("what a cell shows", () => {
  test("a price that is not offered is absent, never a number", () => {
    const store = storeOf({ id: ID, books: { betpawa: { odds: [2, null, 4] } } });
    expect(store.cell(ID, OWN, 0, 1)).toMatchObject({ state: "absent", odds: null });
    expect(store.cell(ID, SPORTY, 0, 0).state).toBe("absent");
  });

  test("a market that is offered and can't be read says so, in the bookmaker's words", () => {
    const store = storeOf({ id: ID, books: { betpawa: { odds: [2, 3, 4] } } });
    const unread = { "3743": "1X2 (new)" };
    store.apply(update(11, { listings: [{ ...listing(ID, "sportybet"), unread }] }), 11);
    expect(store.cell(ID, SPORTY, 0, 0)).toMatchObject({ state: "unread", odds: null });
    expect(unreadName(store.layout, store.event(ID)!, SPORTY, 0)).toBe("1X2 (new)");
    store.apply(update(12, { changes: [change(ID, "sportybet", [2, 3, 4])] }), 12);
    expect(store.cell(ID, SPORTY, 0, 0)).toMatchObject({ state: "open", odds: 2 });
  });

  test("a listing that has not been read yet waits", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    const row = { sportradar_id: "7", bookmaker: "betpawa", state: "unknown", confirmed_at: null } as const;
    store.apply(
      update(11, { events: [header("7")], listings: [{ ...row, market_confirmed_at: null, unread: null }] }),
      11,
    );
    expect(store.cell("7", OWN, 0, 0).state).toBe("waiting");
  });

  test("a withdrawn market keeps its last price", () => {
    const store = storeOf(threeBooks(2, 2, 2));
    store.apply(update(11, { changes: [change(ID, "betpawa", [2, 3, 4], { state: "withdrawn" })] }), 11);
    expect(store.cell(ID, OWN, 0, 0)).toMatchObject({ state: "withdrawn", odds: 2 });
  });

  test("the margin is over open outcomes of a complete set", () => {
    const store = storeOf({ id: ID, books: { betpawa: { odds: [2.6, 2.4, 4.3] } } });
    store.subscribe(marginKey(ID, OWN, 0), () => undefined);
    expect(store.margin(ID, OWN, 0)?.margin).toBeCloseTo(0.03384, 5);
    store.apply(update(11, { changes: [change(ID, "betpawa", [2.6, 2.4, null])] }), 11);
    expect(store.margin(ID, OWN, 0)?.margin).toBeNull();
  });

  test("a market whose best prices leave a profit is crossed", () => {
    const store = storeOf({
      id: ID,
      books: {
        betpawa: { odds: [3.6, 3, 3] },
        sportybet: { odds: [2.8, 3.6, 3] },
        bet9ja: { odds: [2.8, 3, 3.6] },
      },
    });
    expect(store.crossing(ID)?.sum).toBeCloseTo(3 / 3.6, 12);
    expect(store.crossing(ID)?.own).toBe(true);
  });
});

describe("a snapshot of the WebSocket", () => {
  test("takes the place of everything: what it does not hold is gone", () => {
    const store = storeOf(threeBooks(2, 2, 2), { ...threeBooks(2, 2, 2), id: "2" });
    const part = { last: false, now: iso(NOW), events: [header(ID)], listings: [], markets: [] };
    store.loadSnapshot(
      [
        { ...part, part: 1 },
        { ...part, part: 2, last: true, events: [], markets: [change(ID, "betpawa", [2.4, 3, 4])] },
      ],
      "epoch-2",
      99,
    );
    expect([store.size, store.epoch, store.seq]).toEqual([1, "epoch-2", 99]);
    expect(store.cell(ID, OWN, 0, 0).odds).toBe(2.4);
    expect(store.cell(ID, SPORTY, 0, 0).state).toBe("absent");
    expect(EPOCH).not.toBe(store.epoch);
  });
});
