import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export const rows = (page) => page.locator(".row.event");
export const address = (page) => new URL(page.url()).search;

export async function open(page, demo, path = "/") {
  await page.goto(demo.url + path);
  await rows(page).first().waitFor({ timeout: 10_000 });
}

export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

export function live(page, timeout = 5000) {
  return page.locator('[data-link="ok"]').waitFor({ timeout });
}

/** Wait until a question about the page is answered with yes. */
export async function until(page, question, argument, message, timeout = 5000) {
  await page.waitForFunction(question, argument, { timeout }).catch(() => {
    throw new Error(message);
  });
}

export async function startRun(demo) {
  const answer = await fetch(`${demo.url}/api/scrape`, { method: "POST" });
  expect([200, 202, 409].includes(answer.status), `POST /api/scrape answered ${answer.status}`);
}

/** What axe finds against WCAG A and AA on the page as it is, or in one part of it. */
export async function axeViolations(page, part = "html") {
  // Through the debugger, for the page's own policy allows no scripts from elsewhere.
  await page.evaluate(await readFile(AXE, "utf8"));
  const found = await page.evaluate(
    ([part, tags]) => window.axe.run(part, { runOnly: { type: "tag", values: tags } }),
    [part, TAGS],
  );
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ target, failureSummary }) => `${target} ${failureSummary}`)
        .join(" | ")}`,
  );
}
