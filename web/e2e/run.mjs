// npm run e2e: drives the built page on a real `overround demo` in Chromium.
// One server, one browser; every check says what it checks. OVERROUND names another executable.
// npm run e2e -- WORDS: only the checks whose name holds one of them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { BROWSER } from "./browser.mjs";
import { checks } from "./checks.mjs";
import { Demo, freePort } from "./demo.mjs";

const dataDir = await mkdtemp(join(tmpdir(), "overround-e2e-"));
const demo = new Demo(await freePort(), dataDir);
const browser = await chromium.launch(BROWSER);
const words = process.argv.slice(2);
const chosen = checks.filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));
let failed = 0;
try {
  await demo.start();
  for (const [name, check] of chosen) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      timezoneId: "Africa/Lagos",
    });
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    try {
      await check({ page, demo });
      if (errors.length > 0) throw new Error(`the page threw: ${errors.join("; ")}`);
      console.log(`ok    ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${name}\n      ${String(error.message).replaceAll("\n", "\n      ")}`);
    } finally {
      await context.close();
    }
  }
} finally {
  await browser.close();
  await demo.stop();
  await rm(dataDir, { recursive: true, force: true });
}
console.log(failed === 0 ? `${chosen.length} checks passed` : `${failed} of ${chosen.length} checks failed`);
process.exit(failed === 0 ? 0 : 1);
