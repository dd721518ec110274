import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const OVERROUND =
  process.env.OVERROUND ?? fileURLToPath(new URL("../../.venv/bin/overround", import.meta.url));
const START_MS = 60_000;
const STOP_MS = 20_000;

/** Return a port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** One `overround demo`, started and stopped by its own process id. */
export class Demo {
  #process = null;

  constructor(port, dataDir) {
    this.url = `http://127.0.0.1:${port}`;
    this.arguments = [
      "demo",
      "--port",
      String(port),
      "--data-dir",
      dataDir,
      "--events",
      "60",
      "--no-browser",
    ];
  }

  /** Start it and wait until its board holds prices. */
  async start() {
    const output = [];
    // A group of its own, so that killing it takes the simulator along.
    this.#process = spawn(OVERROUND, this.arguments, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.#process.stdout.on("data", (text) => output.push(text));
    this.#process.stderr.on("data", (text) => output.push(text));
    const deadline = Date.now() + START_MS;
    while (!(await this.#hasPrices())) {
      if (this.#process.exitCode !== null) throw new Error(`overround demo ended: ${output.join("")}`);
      if (Date.now() > deadline) throw new Error(`no prices after ${START_MS / 1000} s: ${output.join("")}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  /** Ask it to end, and wait until it has. */
  async stop() {
    await this.#end("SIGINT");
  }

  /** End it as a crash would. */
  async kill() {
    await this.#end("SIGKILL");
  }

  async #end(signal) {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, signal);
    const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  async #hasPrices() {
    try {
      const answer = await fetch(`${this.url}/api/board`);
      return answer.ok && (await answer.json()).prices.event.length > 100;
    } catch {
      return false; // not listening yet
    }
  }
}
