// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OddsStore } from "@/lib/store/oddsStore";
import { StatusStore } from "@/lib/store/statusStore";
import { OddsStoreContext } from "@/lib/store/useOdds";
import { StatusStoreContext } from "@/lib/store/useStatus";
import { board, change, header, listing, NOW, update, type EventPrices } from "@/testing/boards";
import { Board } from "./Board";

const HOUR = 3_600_000;
const EVENTS: EventPrices[] = [
  {
    id: "1",
    home: "Enyimba",
    away: "Rangers",
    kickoffAt: NOW + HOUR,
    books: {
      betpawa: { odds: [2.25, 3, 4] },
      sportybet: { odds: [2.2, 3.1, 4], ageS: 840 },
      bet9ja: { odds: [2.15, 3.1, 4] },
    },
  },
  {
    id: "2",
    home: "Kano Pillars",
    away: "Lobi Stars",
    kickoffAt: NOW + 2 * HOUR,
    books: { betpawa: { odds: [2, 3, 4] } },
  },
];

let odds: OddsStore;
let status: StatusStore;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  // jsdom lays nothing out: the grid gets the height that a screen would give it.
  for (const side of ["offsetHeight", "clientHeight"] as const) size(side, 600);
  for (const side of ["offsetWidth", "clientWidth"] as const) size(side, 1280);
  HTMLElement.prototype.scrollTo = () => undefined;
  window.history.replaceState(null, "", "/");
  [odds, status] = [new OddsStore(), new StatusStore()];
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function size(side: "offsetHeight" | "offsetWidth" | "clientHeight" | "clientWidth", pixels: number): void {
  Object.defineProperty(HTMLElement.prototype, side, { configurable: true, get: () => pixels });
}

function show(events: EventPrices[] = EVENTS): void {
  odds.loadBoard(board(events));
  open();
}

function open(): void {
  render(
    <OddsStoreContext value={odds}>
      <StatusStoreContext value={status}>
        <Board runNow={<button type="button">Run now</button>} panel={() => null} />
      </StatusStoreContext>
    </OddsStoreContext>,
  );
}

const eventRow = (name: RegExp) => screen.getByRole("row", { name });
const press = (key: string) => {
  fireEvent.keyDown(document.activeElement ?? document.body, { key });
};

describe("a price cell", () => {
  test("shows the own price with its gap to the median of fresh rivals", () => {
    show();
    expect(within(eventRow(/Enyimba/)).getByText("2.25").parentElement?.textContent).toBe("+4.72.25");
  });

  test("follows a pushed change, flashes for 900 ms and keeps an arrow", () => {
    show();
    act(() => {
      odds.apply(update(11, { changes: [change("1", "betpawa", [2.3, 3, 4])] }), 11);
    });
    const cell = within(eventRow(/Enyimba/)).getByText("2.30").parentElement!;
    expect(cell.className).toContain("flash-up");
    act(() => {
      vi.advanceTimersByTime(1000);
    });
    expect(cell.className).not.toContain("flash");
    expect(cell.textContent).toBe("+7.0▲2.30");
  });

  test("says suspended in words and by a strike", () => {
    show();
    const outcomes = [
      { name: "1", odds: 2.25, state: "suspended" as const },
      { name: "X", odds: 3, state: "open" as const },
      { name: "2", odds: 4, state: "open" as const },
    ];
    act(() => {
      odds.apply(update(11, { changes: [change("1", "betpawa", [], { outcomes })] }), 11);
    });
    expect(within(eventRow(/Enyimba/)).getByText("2.25").textContent).toBe("2.25 suspended");
  });
});

describe("rows", () => {
  test("are there at once when the first answer comes, without a word of no match", () => {
    open();
    act(() => {
      odds.loadBoard(board(EVENTS));
    });
    expect(eventRow(/Enyimba/)).toBeTruthy();
    expect(screen.queryByText("No event matches these filters")).toBeNull();
  });

  test("open to the rivals with x, each with its age or why it does not count", () => {
    show();
    press("j");
    press("x");
    expect(eventRow(/^SportyBet/).textContent).toContain("stale 14m");
    expect(eventRow(/^MSport/).textContent).toContain("not listed");
    expect(window.location.search).toBe("?x=1");
  });

  test("that are gone no longer write themselves into the address", () => {
    show();
    press("j");
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "nobody" } });
    act(() => {
      vi.advanceTimersByTime(1000);
    });
    expect(window.location.search).toBe("?q=nobody");
  });

  test("have one tab stop that arrow keys move", () => {
    show();
    const stops = () => screen.getByRole("grid").querySelectorAll('[tabindex="0"]');
    expect(stops()).toHaveLength(1);
    press("j");
    press("j");
    press("ArrowRight");
    press("ArrowRight");
    expect(stops()).toHaveLength(1);
    expect(document.activeElement?.textContent).toBe("2.00");
  });

  test("keep their order while prices change, and count what waits", () => {
    window.history.replaceState(null, "", "/?sort=-gap");
    show([
      ...EVENTS,
      {
        id: "3",
        home: "Plateau",
        kickoffAt: NOW + HOUR,
        books: { betpawa: { odds: [2, 3, 4] }, bet9ja: { odds: [2, 3, 4] } },
      },
    ]);
    const order = () => screen.getAllByRole("rowheader").map((cell) => cell.textContent.slice(0, 7));
    expect(order()).toEqual(["Enyimba", "Plateau", "Kano Pi"]);
    act(() => {
      odds.apply(update(11, { changes: [change("3", "betpawa", [3, 3, 4])] }), 11);
      vi.advanceTimersByTime(4000);
    });
    expect(order()[0]).toBe("Enyimba");
    fireEvent.click(screen.getByRole("button", { name: /Order changed · 1/ }));
    expect(order()[0]).toBe("Plateau");
  });

  test("appear by themselves below the screen's last row", () => {
    show();
    act(() => {
      odds.apply(update(11, { events: [header("9", NOW + 3 * HOUR)], listings: [listing("9")] }), 11);
      vi.advanceTimersByTime(2000);
    });
    expect(screen.getByText("3 events", { selector: ".result-count" })).toBeTruthy();
  });
});

describe("filters", () => {
  test("are written into the address, shown as chips and taken off there", () => {
    show();
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "kano" } });
    expect(window.location.search).toBe("?q=kano");
    expect(screen.queryByRole("row", { name: /Enyimba/ })).toBeNull();
    expect(document.querySelector(".result-count")?.textContent).toBe("1 event filtered from 2");
    fireEvent.click(screen.getByRole("button", { name: "Remove filter “kano”" }));
    expect([window.location.search, eventRow(/Enyimba/).textContent.includes("Enyimba")]).toEqual(["", true]);
  });

  test("that leave nothing name what each of them costs", () => {
    window.history.replaceState(null, "", "/?q=kano&min=3");
    show();
    const region = screen.getByRole("region", { name: "No match" });
    expect(
      within(region)
        .getAllByRole("button")
        .map((button) => button.textContent),
    ).toEqual(["Remove “kano” 1 event", "Remove ≥ 3 books 1 event", "Clear all filters"]);
  });

  test("keys do nothing while typing", () => {
    show();
    screen.getByRole("searchbox").focus();
    press("x");
    press("a");
    expect(window.location.search).toBe("");
  });

  test("a market goes and comes with its number, the last one stays", () => {
    window.history.replaceState(null, "", "/?mk=3743,5000:2.5");
    show();
    press("2");
    expect(window.location.search).toBe("?mk=3743");
    press("1");
    expect(window.location.search).toBe("?mk=3743");
    press("2");
    expect(window.location.search).toBe("?mk=3743,5000:2.5");
  });
});

describe("without rows", () => {
  test("an empty database explains itself and offers a run", () => {
    show([]);
    expect(screen.getByText("No run has finished yet")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Run now" })).toBeTruthy();
  });

  test("an empty database shows how far the run is", () => {
    show([]);
    act(() => {
      status.setProgress({
        run_id: "r",
        phase: "fetch",
        bookmaker: "",
        current: 40,
        total: 80,
        in_flight: 1,
        rate_per_s: 1,
        eta_s: 4,
        errors: 0,
      });
    });
    expect(screen.getByText(/40 of 80/)).toBeTruthy();
    expect(screen.getByRole("progressbar").getAttribute("value")).toBe("0.5");
  });

  test("events of the first run appear while it fills the board", () => {
    show([]);
    act(() => {
      status.runStarted("r");
      odds.apply(update(11, { events: [header("9", NOW + 3 * HOUR)], listings: [listing("9")] }), 11);
      vi.advanceTimersByTime(2000);
    });
    expect(eventRow(/Kano Pillars/).textContent).toContain("Lobi Stars");
  });
});
