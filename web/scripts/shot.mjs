// node scripts/shot.mjs URL OUT [--theme dark|light] [--size WxH] [--keys "j j x"] [--wait MS]
// Takes a picture of a page once its Board has rows (or after the wait, when it has none).
import { chromium } from "playwright-core";
import { BROWSER } from "../e2e/browser.mjs";

const [url, out, ...rest] = process.argv.slice(2);
const option = (name, standard) => {
  const at = rest.indexOf(`--${name}`);
  return at < 0 ? standard : rest[at + 1];
};
if (url === undefined || out === undefined) {
  console.error('usage: shot.mjs URL OUT [--theme dark|light] [--size WxH] [--keys "j j x"] [--wait MS]');
  process.exit(2);
}
const [width, height] = option("size", "1440x860").split("x").map(Number);
const browser = await chromium.launch(BROWSER);
try {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: option("theme", "dark"),
    timezoneId: "Africa/Lagos",
  });
  page.on("console", (message) => {
    if (message.type() === "error") console.error("console:", message.text());
  });
  page.on("pageerror", (error) => console.error("page:", error.message));
  await page.goto(url);
  await page
    .getByRole("row")
    .nth(3)
    .waitFor({ timeout: 5000 })
    .catch(() => undefined);
  for (const key of option("keys", "").split(" ").filter(Boolean)) await page.keyboard.press(key);
  await page.waitForTimeout(Number(option("wait", "1500")));
  await page.screenshot({ path: out });
} finally {
  await browser.close();
}
