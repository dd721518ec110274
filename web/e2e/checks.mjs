import { readFile } from "node:fs/promises";
import { eventChecks } from "./eventChecks.mjs";
import { operatorChecks } from "./operatorChecks.mjs";
import { listChecks } from "./listChecks.mjs";
import { address, axeViolations, expect, live, open, rows, startRun, until } from "./steps.mjs";

/** Each check has a page of its own; they share one server and run in this order. */
export const checks = [
  [
    "the Board shows events with prices, gaps and margins",
    async ({ page, demo }) => {
      await open(page, demo);
      expect((await rows(page).count()) > 10, "fewer than ten rows");
      const many = () => document.querySelectorAll(".row.event .odds").length > 50;
      await until(page, many, undefined, "fewer than fifty prices");
      const odds = await page.locator(".row.event .odds").allTextContents();
      expect(
        odds.length > 50 && odds.every((text) => /^\d+(\.\d\d)?( \w+)?$/.test(text)),
        `odd odds: ${odds[0]}`,
      );
      const gaps = () => document.querySelectorAll(".row.event .gap").length > 20;
      await until(page, gaps, undefined, "no gaps"); // the others' lists may come after ours
      expect((await page.getByRole("columnheader", { name: "1X2" }).count()) === 1, "no 1X2 column");
      expect(await page.getByText("Simulated odds").isVisible(), "no banner");
      for (const name of ["BetPawa", "SportyBet", "Bet9ja"])
        await page.getByRole("button", { name: new RegExp(`^${name} \\d+s fresh`) }).waitFor();
    },
  ],
  [
    "a change reaches a cell without a reload, flashes and leaves an arrow",
    async ({ page, demo }) => {
      await open(page, demo);
      await live(page);
      await page.evaluate(() => {
        window.flashed = 0;
        const grid = document.querySelector(".board-grid");
        new MutationObserver((records) => {
          for (const { target } of records) if (/flash-(up|down)/.test(target.className)) window.flashed++;
        }).observe(grid, { subtree: true, attributes: true, attributeFilter: ["class"] });
      });
      // The simulated prices move by the minute: a run right after another may find none that did.
      for (let run = 0; run < 9 && (await page.evaluate(() => window.flashed)) === 0; run++) {
        await startRun(demo);
        await page
          .waitForFunction(() => window.flashed > 0, null, { timeout: 10_000 })
          .catch(() => undefined);
      }
      expect((await page.evaluate(() => window.flashed)) > 0, "no cell flashed in nine runs");
      expect((await page.locator(".cell .arrow").count()) > 0, "no arrow");
      await until(page, () => !document.querySelector("[class*=flash-]"), null, "flashes stay", 30_000);
    },
  ],
  [
    "progress of a run is shown and its end is told",
    async ({ page, demo }) => {
      await open(page, demo);
      await live(page);
      await page.locator(".clock").click();
      const start = page.getByRole("button", { name: /Scrape now|A run is on/ });
      if (await start.isEnabled()) await start.click();
      await page.getByRole("progressbar", { name: "Run" }).waitFor({ timeout: 10_000 });
      await page.getByText(/^Last run completed/).waitFor({ timeout: 45_000 });
    },
  ],
  [
    "a filter narrows rows, stands in the address and is taken off by its chip",
    async ({ page, demo }) => {
      await open(page, demo);
      const name = (await rows(page).nth(3).locator(".teams").textContent()).split(" – ")[0];
      await page.keyboard.press("/");
      await page.keyboard.type(name.toUpperCase());
      await until(
        page,
        (wanted) =>
          [...document.querySelectorAll(".teams")].every((cell) => cell.textContent.includes(wanted)),
        name,
        "rows that do not match stay",
      );
      expect(address(page).startsWith("?q="), `the address is ${address(page)}`);
      await page.getByRole("button", { name: /^Remove filter/ }).click();
      expect(!address(page).includes("q="), "the chip left the filter on");
      await page.getByRole("searchbox").fill("nobody plays here");
      await page.getByText("No event matches these filters").waitFor({ timeout: 2000 });
    },
  ],
  [
    "the keyboard alone opens rivals, moves, filters, changes density and theme, lists keys",
    async ({ page, demo }) => {
      await open(page, demo);
      const focused = () =>
        page.evaluate(() => document.activeElement?.closest("[data-row]")?.dataset.row ?? "");
      await page.keyboard.press("j");
      const first = await focused();
      await page.keyboard.press("j");
      const second = await focused();
      expect(first !== "" && second !== first, "j does not move");
      await page.keyboard.press("x");
      await page.locator(`[data-row="${second}/1"]`).waitFor({ timeout: 2000 });
      await page.keyboard.press("ArrowDown");
      expect((await focused()).startsWith(`${second}/`), "the rivals cannot be walked");
      for (let step = 0; step < 4; step++) await page.keyboard.press("ArrowRight");
      const cell = await page.evaluate(() => document.activeElement.getAttribute("aria-colindex"));
      expect(cell === "6", `the focus is in column ${cell}`);
      await page.keyboard.press("End");
      await until(
        page,
        (left) => {
          const row = document.activeElement?.closest("[data-row]")?.dataset.row;
          return row !== undefined && !left.includes(row);
        },
        [second, `${second}/1`],
        "End does not move",
      );
      await page.keyboard.press("Home");
      await until(
        page,
        (wanted) => document.activeElement?.closest("[data-row]")?.dataset.row === wanted,
        first,
        "Home does not come back",
      );
      await page.keyboard.press("]");
      await page.locator('.board-grid[data-density="roomy"]').waitFor({ timeout: 2000 });
      await page.keyboard.press("2");
      expect(
        (await page.getByRole("columnheader", { name: "O/U 2.5" }).count()) === 0,
        "2 does not hide O/U 2.5",
      );
      await page.keyboard.press("Shift+X");
      await until(
        page,
        () => document.querySelectorAll(".row.rival").length > 8,
        null,
        "X does not open all",
      );
      const wanted = ["x=all", "dens=r", "mk="];
      expect(
        wanted.every((part) => address(page).includes(part)),
        `the address is ${address(page)}`,
      );
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys" }).waitFor({ timeout: 2000 });
      await page.keyboard.press("Escape");
      await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden", timeout: 2000 });
      const stops = await page.getByRole("grid").locator('[tabindex="0"]').count();
      expect(stops === 1, `the grid has ${stops} tab stops`);
    },
  ],
  [
    "the theme switches and is remembered",
    async ({ page, demo }) => {
      await page.emulateMedia({ colorScheme: "dark" });
      await open(page, demo);
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect((await background()) === "rgb(13, 17, 23)", "the dark theme is another");
      await page.keyboard.press("t");
      expect((await background()) === "rgb(255, 255, 255)", "t does not switch to light");
      await page.reload();
      await rows(page).first().waitFor({ timeout: 10_000 });
      expect((await background()) === "rgb(255, 255, 255)", "the choice is forgotten");
    },
  ],
  [
    "a copied link gives the same screen",
    async ({ page, demo }) => {
      await open(page, demo, "/?mk=3743,4693&min=2&sort=-gap&dens=c&tz=Africa/Nairobi");
      await page.keyboard.press("j");
      await page.keyboard.press("x");
      await page.waitForTimeout(500); // the focused event is written a moment later
      const screen = () =>
        page.evaluate(() => ({
          search: window.location.search,
          heads: [...document.querySelectorAll(".head .cell")].map((cell) => cell.textContent),
          expanded: document.querySelectorAll(".row.rival").length,
          zone: document.querySelector(".board-footer select").value,
          density: document.querySelector(".board-grid").dataset.density,
          chips: [...document.querySelectorAll(".chip")].map((chip) => chip.textContent),
        }));
      const before = await screen();
      expect(
        before.expanded === 2 && before.search.includes("ev="),
        `the screen is ${JSON.stringify(before)}`,
      );
      await page.goto("about:blank");
      await open(page, demo, "/" + before.search);
      await page.waitForTimeout(500);
      const after = await screen();
      expect(
        JSON.stringify(after) === JSON.stringify(before),
        `${JSON.stringify(before)}\n${JSON.stringify(after)}`,
      );
    },
  ],
  [
    "the views change with v, groups fold, rows are selected and copied, all by keyboard",
    async ({ page, demo }) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await open(page, demo, "/?grp=league");
      await page.keyboard.press("v");
      await page.locator(".board-grid.stacked .row.book").first().waitFor({ timeout: 2000 });
      await page.keyboard.press("v");
      await page.locator(".board-grid.matrix .row.event").first().waitFor({ timeout: 2000 });
      await page.keyboard.press("v");
      await page.locator(".board-grid.compare .row.event").first().waitFor({ timeout: 2000 });
      await page.keyboard.press("Home");
      await page.keyboard.press("Home");
      const before = await page.locator(".group-head").count();
      await page.keyboard.press("x");
      expect(address(page).includes("fold="), `x on a group's head gives ${address(page)}`);
      await page.keyboard.press("x");
      const unfolded = () => !document.querySelector('.group-head .toggle[aria-expanded="false"]');
      await until(page, unfolded, undefined, "the group does not unfold");
      expect((await page.locator(".group-head").count()) === before, "a group is lost");
      await page.keyboard.press("j");
      await page.locator('.row.event [tabindex="0"]').first().waitFor({ timeout: 2000 });
      await page.keyboard.press("w");
      await page.locator('.star[aria-pressed="true"]').first().waitFor({ timeout: 2000 });
      await page.keyboard.press("w");
      await page.keyboard.press("v");
      await page.keyboard.press("v");
      await page.keyboard.press("Shift+ArrowDown");
      await page.keyboard.press("Shift+C");
      await page.getByText(/rows? copied/).waitFor({ timeout: 2000 });
      const copied = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
      expect(
        copied[0].startsWith("kickoff\tevent\tcompetition\tbookmaker\t"),
        `the copy begins ${copied[0]}`,
      );
      expect(copied.length >= 2 && copied[1].includes("BetPawa"), `the copy is ${copied.join("|")}`);
    },
  ],
  [
    "CSV holds every event that the filters select, not only those on screen",
    async ({ page, demo }) => {
      await open(page, demo, "/?mk=3743&min=2");
      const shown = Number((await page.locator(".result-count").textContent()).match(/\d+/)[0]);
      await page.getByRole("button", { name: "CSV" }).click();
      const saved = page.waitForEvent("download");
      await page.getByRole("button", { name: "Download" }).click();
      const file = await saved;
      expect(
        /^overround_board_\d{4}-\d\d-\d\dT\d{4}Z\.csv$/.test(file.suggestedFilename()),
        file.suggestedFilename(),
      );
      const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
      expect(
        lines[0].startsWith("sportradar_id,kickoff_at,kickoff_local,country,"),
        `the head is ${lines[0]}`,
      );
      const ids = new Set(lines.slice(1).map((line) => line.split(",")[0]));
      expect(ids.size === shown, `${ids.size} events in the file, ${shown} selected`);
    },
  ],
  [
    "a market beyond the main four comes by its link with prices, and keeps coming by push",
    async ({ page, demo }) => {
      const { markets } = await (await fetch(`${demo.url}/api/markets`)).json();
      const goals = markets.find(({ market_id }) => market_id === "5000");
      const { line } = goals.lines
        .filter((each) => each.line !== "2.5")
        .sort((a, b) => b.events - a.events)[0];
      await open(page, demo, `/?mk=3743,5000:${line}`);
      await page.getByRole("columnheader", { name: `O/U ${line}` }).waitFor({ timeout: 5000 });
      const priced = () => [...document.querySelectorAll('[data-cell$="/0"] .odds')].length > 20;
      await until(page, priced, null, "the market has no prices");
      await page.getByRole("button", { name: "Columns" }).click();
      await page.getByRole("button", { name: "Show BTTS" }).click();
      expect(address(page).includes(`mk=3743,5000:${line},3795`), `the address is ${address(page)}`);
    },
  ],
  [
    "two tabs stay in step, and a named view is what an empty address opens",
    async ({ page, demo }) => {
      await open(page, demo);
      const other = await page.context().newPage();
      await open(other, demo);
      await page.keyboard.press("j");
      await page.keyboard.press("w");
      await other.locator('.star[aria-pressed="true"]').first().waitFor({ state: "attached", timeout: 2000 });
      await page.keyboard.press("]");
      await other.locator('.board-grid[data-density="roomy"]').waitFor({ timeout: 2000 });
      await page.getByRole("button", { name: "Matrix" }).click();
      await page.getByRole("button", { name: "Views" }).click();
      await page.getByRole("textbox", { name: "Name of the view" }).fill("Pricing");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("button", { name: "Open the Board with Pricing" }).click();
      await other.goto(demo.url);
      await other.locator(".board-grid.matrix").waitFor({ timeout: 5000 });
    },
  ],
  [
    "Ctrl+K finds a league, g b comes back to the Board",
    async ({ page, demo }) => {
      await open(page, demo);
      const league = await page.locator(".row.event .league").first().textContent();
      await page.keyboard.press("Control+k");
      await page.keyboard.type(league);
      await page
        .getByRole("option", { name: new RegExp("league$") })
        .first()
        .waitFor({ timeout: 2000 });
      await page.keyboard.press("Enter");
      await until(page, () => window.location.search.includes("comp="), null, "the league is no filter");
      await page.keyboard.press("g");
      await page.keyboard.press("b");
      await until(page, () => window.location.search === "", null, "g b does not lead to the Board");
    },
  ],
  [
    "at 200 % zoom the Board is usable: nothing spills over the window",
    async ({ page, demo }) => {
      await page.setViewportSize({ width: 640, height: 360 });
      await open(page, demo);
      const spill = await page.evaluate(() => ({
        x: document.documentElement.scrollWidth - window.innerWidth,
        grid: document.querySelector(".board-grid").clientHeight,
      }));
      expect(spill.x <= 0 && spill.grid >= 120, JSON.stringify(spill));
    },
  ],
  [
    "an unknown page says so and leads back",
    async ({ page, demo }) => {
      await page.goto(`${demo.url}/somewhere`);
      await page.getByRole("heading", { name: "There is no page /somewhere" }).waitFor({ timeout: 5000 });
      await page.getByRole("link", { name: "Open the Board" }).click();
      await rows(page).first().waitFor({ timeout: 10_000 });
    },
  ],
  ...["dark", "light"].map((theme) => [
    `no WCAG A or AA violation, ${theme}`,
    async ({ page, demo }) => {
      await page.emulateMedia({ colorScheme: theme });
      const violations = () => axeViolations(page);
      await open(page, demo, "/?x=all&min=2");
      let found = await violations();
      await page.getByRole("button", { name: "League" }).click();
      found = [...found, ...(await violations())];
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      found = [...found, ...(await violations())];
      await page.goto(`${demo.url}/?q=nobody+plays+here`);
      await page.getByText("No event matches these filters").waitFor({ timeout: 5000 });
      found = [...found, ...(await violations())];
      expect(found.length === 0, found.join("\n"));
    },
  ]),
  ...eventChecks,
  ...operatorChecks,
  ...listChecks,
  [
    "a killed server freezes the page within 5 s; after its restart the page recovers by itself",
    async ({ page, demo }) => {
      await open(page, demo);
      await live(page);
      await demo.kill();
      await page.getByText(/^No link since/).waitFor({ timeout: 5000 });
      await until(page, () => document.title.startsWith("⚠"), null, "the title does not tell");
      expect((await rows(page).count()) > 10, "the old data went away");
      await demo.start();
      await live(page, 20_000);
      await page.getByText(/^No link since/).waitFor({ state: "hidden", timeout: 5000 });
      expect((await rows(page).count()) > 10, "the rows did not come back");
    },
  ],
];
