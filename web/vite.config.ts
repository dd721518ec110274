import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const SERVER = process.env.OVERROUND_URL ?? "http://127.0.0.1:8000";
/** The folder of `src/text` that the page speaks. */
const LANGUAGE = process.env.OVERROUND_LANGUAGE ?? "en";

/** The trader's lists come as one file and the operator's pages as another: the second page of a desk is there at
 * once, and what they have in common is packed once (174 kB in all instead of 181). */
const TWO_DESKS = {
  includeDependenciesRecursively: false,
  groups: [
    { name: "trader", test: /features\/(coverage|exposure|margins|movements)\/(?!keys)/ },
    { name: "operator", test: /features\/(runs|settings|storage)\/(?!keys)/ },
  ],
};

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: {
      "@text": fileURLToPath(new URL(`./src/text/${LANGUAGE}`, import.meta.url)),
      "@testing-library/react": "@testing-library/preact",
      "use-sync-external-store/shim/index.js": "preact/compat",
      react: "preact/compat",
      "react-dom": "preact/compat",
      "@": fileURLToPath(new URL("./src", import.meta.url)),
    },
  },
  build: {
    outDir: "../src/overround/static",
    emptyOutDir: true,
    target: "es2023",
    sourcemap: false,
    // The page is served under a policy without inline scripts and styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: TWO_DESKS } },
  },
  server: {
    proxy: { "/api": { target: SERVER, ws: true } },
  },
  test: {
    environment: "node",
    server: { deps: { inline: true } },
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
