// make shots: a picture of every page, in both themes and two sizes, of a demo of its own; into shots/ at the root,
// which is not committed. `-- WORDS` takes only the pages whose name holds one of them.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { BROWSER } from "../e2e/browser.mjs";
import { Demo, freePort } from "../e2e/demo.mjs";

const SIZES = [
  [1280, 720],
  [1920, 1080],
];
const SETTLE_MS = 1500;

const ask = async (demo, path) => (await fetch(`${demo.url}${path}`)).json();

/** Every page by name, with its address; some need an id that only the server knows. */
async function pages(demo) {
  const { events } = await ask(demo, "/api/events?page_size=1&availability=matched");
  const { runs } = await ask(demo, "/api/scrape/runs?limit=5");
  const run = runs.find(({ finished_at }) => finished_at !== null) ?? runs[0];
  const { sportradar_id: event, competition } = events[0];
  return Object.entries({
    board: "/",
    "board-expanded": "/?x=all",
    "board-stacked": "/?view=stacked",
    "board-matrix": "/?view=matrix",
    "board-panel": `/?open=${event}`,
    event: `/event/${event}`,
    movements: "/movements",
    exposure: "/exposure",
    coverage: "/coverage",
    margins: "/margins",
    competition: `/margins/${competition.id}`,
    runs: "/runs",
    run: `/runs/${run.run_id}`,
    alerts: "/alerts",
    storage: "/storage",
    settings: "/settings",
    "not-found": "/nowhere",
  });
}

const words = process.argv.slice(2);
const folder = fileURLToPath(new URL("../../shots/", import.meta.url));
await mkdir(folder, { recursive: true });
const dataDir = await mkdtemp(join(tmpdir(), "overround-shots-"));
const demo = new Demo(await freePort(), dataDir);
const browser = await chromium.launch(BROWSER);
try {
  await demo.start();
  const chosen = (await pages(demo)).filter(
    ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  for (const colorScheme of ["dark", "light"])
    for (const [width, height] of SIZES) {
      const options = { viewport: { width, height }, colorScheme, timezoneId: "Africa/Lagos" };
      const page = await browser.newPage(options);
      page.on("pageerror", (error) => console.error("page:", error.message));
      for (const [name, path] of chosen) {
        await page.goto(demo.url + path);
        await page.waitForTimeout(SETTLE_MS);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
      }
      await page.close();
    }
  console.log(`${chosen.length * SIZES.length * 2} pictures in ${folder}`);
} finally {
  await browser.close();
  await demo.stop();
  await rm(dataDir, { recursive: true, force: true });
}
