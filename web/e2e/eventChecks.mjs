import { axeViolations, expect, live, open, rows, startRun, until } from "./steps.mjs";

async function anEvent(demo) {
  const answer = await fetch(`${demo.url}/api/events?page_size=1&availability=matched`);
  return (await answer.json()).events[0].sportradar_id;
}

const chart = (page) => page.locator(".time-chart canvas").first();

/** The Event page and the Board's side panel. */
export const eventChecks = [
  [
    "a cell's history opens beside the Board, J goes on, Escape closes, o opens the page",
    async ({ page, demo }) => {
      await open(page, demo);
      await live(page);
      for (const key of ["j", "ArrowRight", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
      await page.keyboard.press("h");
      const panel = page.getByRole("complementary", { name: "Event" });
      await chart(page).waitFor({ timeout: 8000 });
      const first = await panel.getByRole("heading", { level: 1 }).textContent();
      await page.keyboard.press("Shift+J");
      await until(
        page,
        (before) =>
          ![null, undefined, before].includes(document.querySelector(".event-panel h1")?.textContent),
        first,
        "J does not go on",
      );
      expect(page.url().includes("open="), `the address is ${page.url()}`);
      await page.keyboard.press("Escape");
      await panel.waitFor({ state: "hidden", timeout: 2000 });
      await page.keyboard.press("o");
      await page.locator(".event-page .event-head").waitFor({ timeout: 8000 });
    },
  ],
  [
    "an event's page is filled by its link, follows changes, refreshes and keeps its state in the address",
    async ({ page, demo }) => {
      const id = await anEvent(demo);
      await page.goto(`${demo.url}/event/${id}`);
      await page.locator(".market-name").first().waitFor({ timeout: 10_000 });
      await live(page);
      await chart(page).waitFor({ timeout: 8000 });
      expect((await page.locator(".market-name").count()) > 20, "few markets");
      await page.evaluate(() => {
        window.flashed = 0;
        new MutationObserver((records) => {
          for (const { target } of records) if (/flash-(up|down)/.test(target.className)) window.flashed++;
        }).observe(document.querySelector(".market-rows"), { subtree: true, attributeFilter: ["class"] });
      });
      for (let run = 0; run < 6 && (await page.evaluate(() => window.flashed)) === 0; run++) {
        await startRun(demo);
        await page.waitForFunction(() => window.flashed > 0, null, { timeout: 6000 }).catch(() => undefined);
      }
      expect((await page.evaluate(() => window.flashed)) > 0, "no pushed change reached a cell");
      await page.getByRole("button", { name: "Refresh event" }).click();
      await page.getByRole("button", { name: "Refreshing" }).waitFor({ state: "hidden", timeout: 15_000 });
      expect((await page.getByRole("alert").count()) === 0, "the refresh failed");
      await page.keyboard.press("j");
      await page.getByRole("button", { name: "6h" }).click();
      await until(page, () => /mk=.*span=6h/.test(location.search), null, "the address does not tell");
      const heading = await page.locator(".event-history h2").textContent();
      await page.reload();
      await page.locator(".event-history h2", { hasText: heading }).waitFor({ timeout: 10_000 });
      await page.getByText("Table", { exact: true }).click();
      await page.locator(".history-rows tbody tr").first().waitFor({ timeout: 5000 });
    },
  ],
  [
    "a click locks the crosshair, Escape unlocks it",
    async ({ page, demo }) => {
      await page.goto(`${demo.url}/event/${await anEvent(demo)}`);
      await page.locator(".time-chart .u-over").first().click({ timeout: 10_000 });
      await page.getByText(/^locked at/).waitFor({ timeout: 2000 });
      await page.keyboard.press("Escape");
      await page.getByText(/^locked at/).waitFor({ state: "hidden", timeout: 2000 });
    },
  ],
  [
    "an unknown event says so and leads back",
    async ({ page, demo }) => {
      await page.goto(`${demo.url}/event/1`);
      await page.getByRole("heading", { name: "Nobody lists an event 1" }).waitFor({ timeout: 8000 });
    },
  ],
  ...["dark", "light"].map((theme) => [
    `no WCAG A or AA violation on the Event page and panel, ${theme}`,
    async ({ page, demo }) => {
      await page.emulateMedia({ colorScheme: theme });
      const id = await anEvent(demo);
      const found = [];
      // Few markets, and the part that is ours: axe looks at every cell.
      const parts = { ".event-page": `/event/${id}?q=1x2`, ".event-panel": `/?open=${id}` };
      for (const [part, path] of Object.entries(parts)) {
        await page.goto(demo.url + path);
        await chart(page).waitFor({ timeout: 10_000 });
        await page.getByText("Table", { exact: true }).click();
        found.push(...(await axeViolations(page, part)));
      }
      expect(found.length === 0, found.join("\n"));
      await rows(page).nth(10).waitFor({ state: "attached", timeout: 5000 });
    },
  ]),
];
