// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OddsStore } from "@/lib/store/oddsStore";
import { StatusStore } from "@/lib/store/statusStore";
import { OddsStoreContext } from "@/lib/store/useOdds";
import { StatusStoreContext } from "@/lib/store/useStatus";
import { board, iso, NOW } from "@/testing/boards";
import { Shell } from "./Shell";

let odds: OddsStore;
let status: StatusStore;
let answers: Record<string, unknown>;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  answers = {
    "/api/scrape/runs?limit=5": { runs: [] },
    "/api/scheduler": { next_run_at: iso(NOW + 192_000) },
  };
  vi.stubGlobal("fetch", (path: string) => {
    const body = answers[path];
    return Promise.resolve(
      new Response(JSON.stringify(body ?? {}), { status: body === undefined ? 404 : 200 }),
    );
  });
  HTMLDialogElement.prototype.showModal = function open() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  [odds, status] = [new OddsStore(), new StatusStore()];
  odds.loadBoard(
    board([
      { id: "1", books: { betpawa: { odds: [2, 3, 4], ageS: 12 }, bet9ja: { odds: [2, 3, 4], ageS: 700 } } },
    ]),
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function show(): Promise<void> {
  render(
    <OddsStoreContext value={odds}>
      <StatusStoreContext value={status}>
        <Shell
          page="Board"
          pages={[{ path: "/", name: "Board", key: "b" }]}
          keys={[{ caps: ["x"], does: "Show rivals" }]}
        >
          <main />
        </Shell>
      </StatusStoreContext>
    </OddsStoreContext>,
  );
  await pass(1000);
}

async function pass(ms: number): Promise<void> {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
}

const live = () => {
  status.setLink({ state: "live", lostAt: null });
};

describe("the link", () => {
  test("that was lost for three seconds is said across the page and in the title", async () => {
    live();
    await show();
    act(() => {
      status.setLink({ state: "reconnecting", lostAt: Date.now(), reason: "the server does not answer" });
    });
    await pass(2000);
    expect(screen.queryByText(/No link since/)).toBeNull();
    await pass(1000);
    expect(screen.getByText(/No link since/)).toBeTruthy();
    expect(document.title).toBe("⚠ frozen – Overround");
    act(live);
    await pass(1000);
    expect(screen.queryByText(/No link since/)).toBeNull();
  });

  test("to another build asks for a reload", async () => {
    await show();
    expect(screen.queryByText("New version")).toBeNull();
    act(() => {
      status.setLink({ outdated: true });
    });
    expect(screen.getByText("New version")).toBeTruthy();
  });
});

describe("a bookmaker's chip", () => {
  test("shows the age of its newest prices and whether they are stale", async () => {
    await show();
    expect(screen.getByRole("button", { name: /^BetPawa 13s fresh/ })).toBeTruthy();
    expect(screen.getByRole("button", { name: /^Bet9ja 11m stale/ })).toBeTruthy();
    expect(screen.getByRole("button", { name: /^SportyBet no data yet/ })).toBeTruthy();
    expect(document.title).toBe("⚠ stale – Overround");
  });

  test("says what is wrong with it", async () => {
    await show();
    act(() => {
      status.setSources([
        { bookmaker: "betpawa", state: "refused", reason: "403 since 12:00", since: iso(NOW) },
      ]);
    });
    fireEvent.click(screen.getByRole("button", { name: /^BetPawa 1\ds refused/ }));
    expect(screen.getByText("403 since 12:00")).toBeTruthy();
  });
});

describe("the run clock", () => {
  test("counts down to the next run", async () => {
    live();
    await show();
    expect(screen.getByRole("button", { name: /next 03:11/ })).toBeTruthy();
  });

  test("fills a line while a run is on", async () => {
    live();
    await show();
    act(() => {
      status.setProgress({
        run_id: "r",
        phase: "fetch",
        bookmaker: "",
        current: 30,
        total: 40,
        in_flight: 1,
        rate_per_s: 9,
        eta_s: 1,
        errors: 0,
      });
    });
    expect(screen.getByRole("progressbar", { name: "Run" }).getAttribute("aria-valuenow")).toBe("75");
    expect(screen.getByRole("button", { name: /Run 75 %/ })).toBeTruthy();
  });

  test("starts a run, and says so where a start is refused", async () => {
    live();
    await show();
    fireEvent.click(screen.getByRole("button", { name: /next/ }));
    fireEvent.click(screen.getByRole("button", { name: "Scrape now" }));
    await pass(0);
    expect(screen.getByRole("alert").textContent).toBe("Not started: status 404");
    answers["/api/scrape"] = { run_id: "r9" };
    fireEvent.click(screen.getByRole("button", { name: "Scrape now" }));
    await pass(0);
    expect(status.runs.active?.runId).toBe("r9");
    expect(screen.getByRole("button", { name: "A run is on" })).toBeTruthy();
  });
});

describe("around the page", () => {
  test("odds that are not real say so, real ones say nothing", async () => {
    await show();
    act(() => {
      status.setWorld("simulated", "0.1.0");
    });
    expect(screen.getByText("Simulated odds")).toBeTruthy();
    act(() => {
      status.setWorld("live", "0.1.0");
    });
    expect(screen.queryByText(/odds/)).toBeNull();
  });

  test("? lists the keys of the page and of the shell", async () => {
    await show();
    fireEvent.keyDown(document.body, { key: "?" });
    expect(screen.getByText("Show rivals")).toBeTruthy();
    expect(screen.getByText("Dark or light")).toBeTruthy();
  });

  test("t changes the theme and remembers it", async () => {
    vi.stubGlobal("matchMedia", () => ({ matches: true }));
    await show();
    fireEvent.keyDown(document.body, { key: "t" });
    expect(document.documentElement.dataset.theme).toBe("light");
    expect(JSON.parse(localStorage.getItem("overround.preferences") ?? "{}")).toMatchObject({
      theme: "light",
    });
  });
});
