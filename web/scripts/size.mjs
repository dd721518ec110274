// node scripts/size.mjs: what a browser receives for each page, gzip, and for all of them together.
// Fails when all scripts and styles together are above the bar.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const BAR_KB = 180;
const root = fileURLToPath(new URL("..", import.meta.url));
const { output } = await build({ root, logLevel: "error", build: { write: false } });
const files = new Map(output.map((file) => [file.fileName, file]));

/** A chunk with everything that has to come before it runs. */
function load(name, found = new Set()) {
  const chunk = files.get(name);
  if (chunk === undefined || found.has(name)) return found;
  found.add(name);
  for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
  for (const each of chunk.imports ?? []) load(each, found);
  return found;
}

const sizes = new Map(
  [...files].map(([name, { code, source }]) => [name, gzipSync(code ?? source).length / 1000]),
);
const sum = (names) => [...names].reduce((total, name) => total + (sizes.get(name) ?? 0), 0);

const entry = output.find(({ isEntry }) => isEntry);
const first = load(entry.fileName);
const rows = [["first load, the Board", sum(first)]];
for (const { isDynamicEntry, name, fileName } of output)
  if (isDynamicEntry) rows.push([name, sum(load(fileName, new Set(first)))]);
for (const [name, kb] of rows) console.log(`${kb.toFixed(1).padStart(7)} kB  ${name}`);
const all = sum([...files.keys()].filter((name) => /\.(js|css)$/.test(name)));
console.log(`${all.toFixed(1).padStart(7)} kB  all pages together, at most ${BAR_KB}`);
process.exit(all <= BAR_KB ? 0 : 1);
