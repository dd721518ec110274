// node bench/measure.mjs URL SECONDS WARM_UP_SECONDS: one Board in Chromium while prices move; prints figures as JSON.
// The server is that of benchmarks/web.py: it moves prices when told which events are on screen.
import { chromium } from "playwright-core";
import { BROWSER } from "../e2e/browser.mjs";

const [url, seconds, warmUp] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const LOADS = 3;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const wait = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000));

async function firstBoard(browser) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelector(".row.event .odds") === null) requestAnimationFrame(look);
      else requestAnimationFrame(() => (window.populatedAt = performance.now())); // painted one frame later
    };
    requestAnimationFrame(look);
  });
  await page.goto(url);
  await page.waitForFunction(() => window.populatedAt !== undefined, null, { timeout: 30_000 });
  const at = await page.evaluate(() => window.populatedAt);
  await page.close();
  return at;
}

async function heapAfterCollection(cdp) {
  await cdp.send("HeapProfiler.collectGarbage");
  return (await metrics(cdp)).JSHeapUsedSize;
}

async function metrics(cdp) {
  const { metrics: rows } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

const browser = await chromium.launch(BROWSER);
try {
  const loads = [];
  for (let load = 0; load < LOADS; load++) loads.push(await firstBoard(browser));

  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  await page.goto(url);
  await page.locator('[data-link="ok"]').waitFor({ timeout: 30_000 });
  const visible = await page.evaluate(() =>
    [...document.querySelectorAll("[data-event]")]
      .filter((row) => row.getBoundingClientRect().top < window.innerHeight)
      .map((row) => row.dataset.event),
  );
  await fetch(`${url}/api/benchmark/move`, { method: "POST", body: JSON.stringify(visible) });
  await wait(warmUp);

  const heapBefore = await heapAfterCollection(cdp);
  await page.evaluate(() => {
    window.frames_ = [];
    window.longTasks = [];
    const tick = (at) => {
      window.frames_.push(at);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: "longtask" });
  });
  const [before, moved] = [await metrics(cdp), await (await fetch(`${url}/api/benchmark/moved`)).json()];
  await wait(seconds);
  const [after, movedAfter] = [await metrics(cdp), await (await fetch(`${url}/api/benchmark/moved`)).json()];
  const { frames, longTasks } = await page.evaluate(() => ({
    frames: window.frames_,
    longTasks: window.longTasks,
  }));
  const heapAfter = await heapAfterCollection(cdp);

  const perSecond = new Map();
  for (const at of frames)
    perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1);
  const taken = after.Timestamp - before.Timestamp;
  const busy = (name) => ((after[name] - before[name]) / taken) * 1000;
  console.log(
    JSON.stringify({
      first_board_ms: median(loads),
      fps: median([...perSecond.values()].slice(1, -1)),
      long_tasks: longTasks.filter((ms) => ms > 100).length,
      longest_task_ms: Math.max(0, ...longTasks),
      script_ms: busy("ScriptDuration"),
      style_ms: busy("RecalcStyleDuration"),
      layout_ms: busy("LayoutDuration"),
      main_thread_ms: busy("TaskDuration"),
      heap_mb: heapAfter / 1e6,
      heap_growth: heapAfter / heapBefore - 1,
      updates_per_s: (movedAfter - moved) / taken,
      visible_rows: visible.length,
    }),
  );
} finally {
  await browser.close();
}
