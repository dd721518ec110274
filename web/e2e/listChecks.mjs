import { address, axeViolations, expect, live, startRun, until } from "./steps.mjs";

const sheetRows = (page) => page.locator(".sheet-body .sheet-row");

async function openList(page, demo, path) {
  await page.goto(demo.url + path);
  await sheetRows(page).first().waitFor({ timeout: 10_000 });
}

/** Start runs until something stands in the list: simulated prices move by the minute. */
async function untilRows(page, demo) {
  for (let run = 0; run < 9 && (await sheetRows(page).count()) === 0; run++) {
    await startRun(demo);
    await sheetRows(page)
      .first()
      .waitFor({ timeout: 8000 })
      .catch(() => undefined);
  }
  expect((await sheetRows(page).count()) > 0, "no row in nine runs");
}

/** Margins as an hour of prices would have made them. */
const MARGINS = {
  margins: [
    {
      competition: { id: "football-nigeria-npfl", name: "NPFL", country: "Nigeria" },
      market_id: "3743",
      line: "",
      name: "1X2",
      own: 0.052,
      rivals: { sportybet: 0.061, bet9ja: 0.066 },
      difference: -0.0115,
      events: 9,
      closes: { betpawa: { events: 9, opening: 0.06, closing: 0.05 } },
      sparkline: [...Array(20).fill(null), 0.06, 0.058, null, 0.055, 0.05, 0.052, 0.053, 0.051, 0.05, 0.052],
    },
  ],
  total: 1,
  rolled_up_until: "2026-11-24T12:00:00Z",
};

const spread = (mean) => ({ min: mean - 0.01, mean, max: mean + 0.012, hours: 12.5, uptime: 0.97 });
const LEAGUE = {
  competition: MARGINS.margins[0].competition,
  bands: ["7d+", "3-7d", "24-72h", "<24h", "<1h"],
  markets: ["1X2", "O/U 2.5"].map((name, at) => ({
    market_id: String(at),
    line: "",
    name,
    bookmakers: ["betpawa", "sportybet", "bet9ja"].map((bookmaker, index) => ({
      bookmaker,
      overall: spread(0.05 + index / 100),
      bands: [0.07, 0.065, 0.06, 0.055, 0.05].map((mean) => spread(mean + index / 200 + at / 100)),
    })),
  })),
  rolled_up_until: "2026-11-24T12:00:00Z",
};

async function withMargins(page) {
  const answer = (body) => (route) => route.fulfill({ json: body });
  await page.route("**/api/margins?*", answer(MARGINS));
  await page.route("**/api/margins/*", answer(LEAGUE));
}

export const LIST_PAGES = [
  "/movements?win=24h",
  "/exposure?mine=0&min=0",
  "/coverage",
  "/coverage?tab=markets",
  "/coverage?tab=markets&mv=here",
  "/coverage?tab=unmapped",
  "/margins",
  "/margins/football-nigeria-npfl",
  "/alerts",
  "/alerts?tab=rules",
];

/** Movements, Exposure, Coverage, Margins and Alerts. */
export const listChecks = [
  [
    "movements come in by themselves, stand still under the pointer and count on",
    async ({ page, demo }) => {
      await page.goto(`${demo.url}/movements?min=0`);
      await live(page);
      await untilRows(page, demo);
      const first = () => sheetRows(page).first().getAttribute("data-row");
      await page.mouse.move(640, 300);
      await page.getByRole("button", { name: /held/ }).waitFor({ timeout: 8000 });
      const held = await first();
      for (
        let run = 0;
        run < 9 && (await page.getByRole("button", { name: /^Show \d+ new/ }).count()) === 0;
        run++
      ) {
        await startRun(demo);
        await page
          .getByRole("button", { name: /^Show \d+ new/ })
          .waitFor({ timeout: 8000 })
          .catch(() => undefined);
      }
      expect((await first()) === held, "the first row moved under the pointer");
      const count = await page.locator(".sheet").getAttribute("aria-rowcount");
      await page.keyboard.press("r");
      await until(
        page,
        (before) => document.querySelector(".sheet").getAttribute("aria-rowcount") !== before,
        count,
        "r does not show what waits",
      );
      await page.mouse.move(640, 10);
      await page.getByRole("button", { name: /live/ }).waitFor({ timeout: 8000 });
      await page.keyboard.press("p");
      expect(address(page).includes("paused=1"), `the address is ${address(page)}`);
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      await until(
        page,
        () => window.location.pathname.startsWith("/event/"),
        null,
        "Enter does not open the event",
      );
    },
  ],
  [
    "coverage opens leagues by key, keeps them in the link and saves what it selects",
    async ({ page, demo }) => {
      await openList(page, demo, "/coverage");
      await page.keyboard.press("j");
      await page.keyboard.press("x");
      await page.locator('.sheet-row[aria-level="2"]').first().waitFor({ timeout: 5000 });
      const link = address(page);
      expect(link.startsWith("?x="), `the address is ${link}`);
      await page.goto("about:blank");
      await openList(page, demo, "/coverage" + link);
      await page.locator('.sheet-row[aria-level="2"]').first().waitFor({ timeout: 5000 });
      await page.getByRole("button", { name: "CSV" }).click();
      const download = page.waitForEvent("download", { timeout: 5000 });
      await page.getByRole("button", { name: "Download" }).click();
      const name = (await download).suggestedFilename();
      expect(/^overround_coverage_events_\d{4}-\d\d-\d\dT\d{4}Z\.csv$/.test(name), `the file is ${name}`);
    },
  ],
  [
    "a rule is tried, made, found in the list and taken away",
    async ({ page, demo }) => {
      await page.goto(`${demo.url}/alerts?tab=rules`);
      await page.getByRole("button", { name: "New rule" }).click();
      await page.getByLabel("Name").fill("Any gap");
      await page.getByLabel(/^Threshold/).fill("0.5");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText(/would open \d+ now/).waitFor({ timeout: 15_000 });
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("row", { name: /Any gap/ }).waitFor({ timeout: 5000 });
      await page.goto(`${demo.url}/alerts`);
      await untilRows(page, demo);
      await page.keyboard.press("j");
      await page.keyboard.press("a");
      await page
        .getByText(/^acknowledged/)
        .first()
        .waitFor({ timeout: 5000 });
      await page.goto(`${demo.url}/alerts?tab=rules`);
      await page.getByRole("button", { name: "Edit Any gap" }).click();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByText("There are no rules yet").waitFor({ timeout: 5000 });
    },
  ],
  ...["dark", "light"].map((theme) => [
    `no WCAG A or AA violation in the lists, ${theme}`,
    async ({ page, demo }) => {
      await page.emulateMedia({ colorScheme: theme });
      await withMargins(page);
      const found = [];
      for (const path of LIST_PAGES) {
        await page.goto(demo.url + path);
        await page.locator(".page [aria-busy=false]").first().waitFor({ timeout: 10_000 });
        found.push(...(await axeViolations(page)).map((each) => `${path} ${each}`));
      }
      await page.getByRole("button", { name: "New rule" }).click();
      found.push(...(await axeViolations(page)).map((each) => `rule editor ${each}`));
      expect(found.length === 0, found.join("\n"));
    },
  ]),
];

export { withMargins };
