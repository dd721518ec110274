// node scripts/size.mjs: sums the built page's scripts and styles as a browser receives them, and fails above the bar.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BAR_KB = 180;
const folder = new URL("../../src/overround/static/assets/", import.meta.url);
const sizes = readdirSync(folder)
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => ({ name, kb: gzipSync(readFileSync(new URL(name, folder))).length / 1000 }));
for (const { name, kb } of sizes) console.log(`${kb.toFixed(1).padStart(7)} kB  ${name}`);
const total = sizes.reduce((sum, { kb }) => sum + kb, 0);
console.log(`${total.toFixed(1).padStart(7)} kB  gzip in total, at most ${BAR_KB}`);
process.exit(total <= BAR_KB && sizes.length > 0 ? 0 : 1);
