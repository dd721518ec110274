import type { RunProgressWire, RunWire, SourceHealthWire, World } from "@/types/wire";
import { Subscriptions } from "./subscriptions";

/** How the page hears from the server. `polling`: no WebSocket, but `GET /api/board` answers. */
export type LinkState = "connecting" | "live" | "reconnecting" | "polling" | "offline";

export interface Link {
  state: LinkState;
  /** Since when there is no link (browser's clock), null while there is one. */
  lostAt: number | null;
  /** When the next attempt is due, null while none is planned. */
  retryAt: number | null;
  /** Why the last attempt failed, for people. */
  reason: string;
  /** Whether the server is another build than the one this page came from. */
  outdated: boolean;
}

/** A run that is on: its newest progress as a whole and by bookmaker. */
export interface ActiveRun {
  runId: string;
  overall: RunProgressWire | null;
  byBookmaker: Readonly<Record<string, RunProgressWire>>;
}

export interface Runs {
  active: ActiveRun | null;
  last: RunWire | null;
  /** When the next scheduled run is due, null when not known. */
  nextAt: number | null;
  /** Whether it is known if any run was made. */
  known: boolean;
}

const START: { link: Link; runs: Runs } = {
  link: { state: "connecting", lostAt: null, retryAt: null, reason: "", outdated: false },
  runs: { active: null, last: null, nextAt: null, known: false },
};

export type StatusKey = "link" | "runs" | "sources" | "world" | "settings";

/** State of the link, the runs and the bookmakers: small records, replaced whole, subscribed by key. */
export class StatusStore {
  link = START.link;
  runs = START.runs;
  sources: Readonly<Record<string, SourceHealthWire>> = {};
  world: World | null = null;
  version = "";
  /** Counts `settings_changed`, so that what depends on settings can be asked again. */
  settings = 0;

  private readonly subscriptions = new Subscriptions();

  subscribe(key: StatusKey, listener: () => void): () => void {
    return this.subscriptions.add(key, listener);
  }

  setLink(change: Partial<Link>): void {
    this.link = { ...this.link, ...change };
    this.subscriptions.notify("link");
  }

  setWorld(world: World, version: string): void {
    if (world === this.world && version === this.version) return;
    [this.world, this.version] = [world, version];
    this.subscriptions.notify("world");
  }

  setSources(rows: readonly SourceHealthWire[]): void {
    if (rows.length === 0) return;
    const sources = { ...this.sources };
    for (const row of rows) sources[row.bookmaker] = row;
    this.sources = sources;
    this.subscriptions.notify("sources");
  }

  settingsChanged(): void {
    this.settings++;
    this.subscriptions.notify("settings");
  }

  setProgress(progress: RunProgressWire): void {
    const active = this.runs.active?.runId === progress.run_id ? this.runs.active : null;
    const byBookmaker = active?.byBookmaker ?? {};
    this.setRuns({
      active: {
        runId: progress.run_id,
        overall: progress.bookmaker === "" ? progress : (active?.overall ?? null),
        byBookmaker:
          progress.bookmaker === "" ? byBookmaker : { ...byBookmaker, [progress.bookmaker]: progress },
      },
    });
  }

  /** Note that a run is on before its first progress arrives. */
  runStarted(runId: string): void {
    if (this.runs.active?.runId === runId) return;
    this.setRuns({ active: { runId, overall: null, byBookmaker: {} } });
  }

  runFinished(run: RunWire): void {
    const active = this.runs.active?.runId === run.run_id ? null : this.runs.active;
    this.setRuns({ active, last: run, known: true });
  }

  setRuns(change: Partial<Runs>): void {
    this.runs = { ...this.runs, ...change };
    this.subscriptions.notify("runs");
  }
}

/** Return how far a run is, 0 to 1, and the counts behind it; null before anything is counted. */
export function progressOf(run: ActiveRun): { share: number; current: number; total: number } | null {
  if (run.overall !== null && run.overall.total > 0) return shareOf(run.overall.current, run.overall.total);
  let [current, total] = [0, 0];
  for (const row of Object.values(run.byBookmaker)) {
    current += row.current;
    total += row.total;
  }
  return total > 0 ? shareOf(current, total) : null;
}

function shareOf(current: number, total: number) {
  return { share: Math.min(1, current / total), current, total };
}
