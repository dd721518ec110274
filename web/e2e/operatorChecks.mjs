import { axeViolations, expect, live, until } from "./steps.mjs";

const ask = async (demo, path, options) => (await fetch(demo.url + path, options)).json();

async function settingOf(demo, key) {
  return (await ask(demo, "/api/settings")).find((setting) => setting.key === key).value;
}

/** Change settings behind the page's back. */
function change(demo, settings) {
  return ask(demo, "/api/settings", { method: "PATCH", body: JSON.stringify(settings) });
}

/** Runs, Storage, Settings and the login. */
export const operatorChecks = [
  [
    "a run started by hand is watched step by step to its end, and opened",
    async ({ page, demo }) => {
      await page.goto(`${demo.url}/runs`);
      await live(page);
      await page.getByRole("button", { name: "Pause schedule" }).click();
      await page.getByText("Schedule paused").waitFor({ timeout: 3000 });
      const now = page.getByRole("region", { name: "Now" });
      await now.getByText("No run is on.").waitFor({ timeout: 45_000 });
      const newest = page.getByRole("region", { name: "History" }).getByRole("link").first();
      const before = await newest.getAttribute("href");
      await page.getByRole("main").getByRole("button", { name: "Run now" }).click();
      await now.getByRole("link", { name: /^Run \d\d:\d\d/ }).waitFor({ timeout: 5000 });
      await page
        .getByRole("progressbar", { name: /^Progress at / })
        .first()
        .waitFor({ timeout: 10_000 });
      await now.getByText("No run is on.").waitFor({ timeout: 45_000 });
      await until(
        page,
        (before) => document.querySelector(".data th a[href^='/runs/']")?.getAttribute("href") !== before,
        before,
        "the run is not in the history",
        10_000,
      );
      await newest.click();
      await page.getByText("by hand").waitFor({ timeout: 5000 });
      await page.getByText("run_finished").first().waitFor({ timeout: 5000 });
      await page.getByRole("link", { name: "All runs" }).click();
      await page.getByRole("button", { name: "Resume schedule" }).click();
      await page
        .getByText(/^next \d\d:\d\d|^due now|^every/)
        .first()
        .waitFor({ timeout: 3000 });
    },
  ],
  [
    "a setting is marked while unsaved, refused with its reason, saved, and in effect on every screen",
    async ({ page, demo }) => {
      const before = await settingOf(demo, "stale_after_s");
      await page.goto(`${demo.url}/settings`);
      await live(page);
      const field = page.getByRole("textbox", { name: /^Stale after/ });
      await field.fill("5");
      await page.getByText("At least 30 s").waitFor({ timeout: 2000 });
      expect(await page.getByRole("button", { name: "Save" }).isDisabled(), "a wrong value can be saved");
      await field.fill(String(before + 60));
      await page.getByText("1 unsaved change").waitFor({ timeout: 2000 });
      await change(demo, { stale_after_s: before + 30 });
      await page.getByText(`Meanwhile changed elsewhere to ${before + 30}`).waitFor({ timeout: 5000 });
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText(/^Saved/).waitFor({ timeout: 5000 });
      expect((await settingOf(demo, "stale_after_s")) === before + 60, "it was not saved");
      const health = await ask(demo, "/api/health");
      expect(health.stale_after_s === before + 60, "it is not in effect");
      await change(demo, { stale_after_s: before });
      await until(
        page,
        (wanted) => [...document.querySelectorAll("input")].some(({ value }) => value === wanted),
        String(before),
        "a change elsewhere does not appear",
      );
      await page.getByLabel("Single-key shortcuts").selectOption("off");
      await page.getByRole("heading", { name: "Settings" }).click();
      await page.keyboard.press("?");
      await page.waitForTimeout(200);
      expect((await page.getByRole("dialog").count()) === 0, "a key that is off did something");
    },
  ],
  [
    "clean now shows what would go and asks for the word",
    async ({ page, demo }) => {
      await page.goto(`${demo.url}/storage`);
      await page.getByRole("region", { name: "Tables" }).getByText("odds_history").waitFor({ timeout: 5000 });
      await page.getByRole("button", { name: "Clean now…" }).click();
      const dialog = page.getByRole("dialog", { name: "Clean now" });
      await dialog.getByText(/^Deletes|^Nothing is older/).waitFor({ timeout: 10_000 });
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden", timeout: 2000 });
    },
  ],
  [
    "where a key is asked for the login stands in place of the page, and only there",
    async ({ page, demo }) => {
      // The demo is open: the server's side of this has its own tests, so the answers are those of a locked one.
      let entered = false;
      const state = () => ({
        required: true,
        scope: entered ? "viewer" : null,
        name: entered ? "desk" : null,
      });
      await page.route("**/api/session", async (route) => {
        const { key = "" } = JSON.parse(route.request().postData() ?? "{}");
        const wrong = route.request().method() === "POST" && key !== "ovr_right";
        if (route.request().method() === "POST" && !wrong) entered = true;
        if (route.request().method() === "DELETE") entered = false;
        await route.fulfill(wrong ? { status: 401, json: { detail: "unknown key" } } : { json: state() });
      });
      await page.goto(`${demo.url}/settings`);
      await page.getByLabel("API key").fill("ovr_wrong");
      await page.keyboard.press("Enter");
      await page.getByText("This key is unknown, expired or revoked.").waitFor({ timeout: 5000 });
      expect((await axeViolations(page)).length === 0, (await axeViolations(page)).join("\n"));
      await page.getByLabel("API key").fill("ovr_right");
      await page.keyboard.press("Enter");
      await page.getByText("Your key may only read").waitFor({ timeout: 5000 });
      expect(
        await page.getByRole("textbox", { name: /^Stale after/ }).isDisabled(),
        "a viewer may change settings",
      );
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByLabel("API key").waitFor({ timeout: 5000 });
    },
  ],
  ...["dark", "light"].map((theme) => [
    `Runs, a run, Storage and Settings: no WCAG A or AA violation, ${theme}`,
    async ({ page, demo }) => {
      await page.emulateMedia({ colorScheme: theme });
      const { runs } = await ask(demo, "/api/scrape/runs?limit=1");
      const found = [];
      for (const path of ["/runs", `/runs/${runs[0].run_id}`, "/storage", "/settings", "/runs/none"]) {
        await page.goto(demo.url + path);
        await page.getByRole("heading", { level: 1 }).waitFor({ timeout: 5000 });
        await page.waitForTimeout(400);
        found.push(...(await axeViolations(page)).map((each) => `${path} ${each}`));
      }
      expect(found.length === 0, found.join("\n"));
    },
  ]),
];
