import { decodeRun } from "@/lib/wire/decodeFrame";
import { asNumber, list, numberOr, optionalRecord, record, text, textOr } from "@/lib/wire/read";
import type { RunWire } from "@/types/wire";

/** Errors of one kind at one bookmaker, with one sample. */
export interface RunError {
  bookmaker: string;
  kind: string;
  count: number;
  sample: string;
}

/** How far a run is, or was, in one phase at one bookmaker. */
export interface PhaseProgress {
  bookmaker: string;
  phase: string;
  current: number;
  total: number;
  ms: number;
  errors: number;
}

/** A run as REST answers it. */
export interface RunReport extends RunWire {
  matched: number;
  durationMs: number;
  stalled: boolean;
  silentS: number | null;
  phasesMs: Readonly<Record<string, number>>;
  phases: readonly PhaseProgress[];
  errors: readonly RunError[];
}

/** @throws WireError The server answers another shape. */
export function decodeReport(body: unknown): RunReport {
  const run = record(body, "run");
  const phases = optionalRecord(run.phases_ms, "run.phases_ms");
  return {
    ...decodeRun(run),
    matched: numberOr(run, "matched", 0),
    durationMs: numberOr(run, "duration_ms", 0),
    stalled: run.stalled === true,
    silentS: numberOr(run, "silent_s", null),
    phasesMs: Object.fromEntries(
      Object.entries(phases).map(([phase, ms]) => [phase, asNumber(ms, `run.phases_ms.${phase}`)]),
    ),
    phases: list(run, "phases", "run", (value, path) => {
      const row = record(value, path);
      return {
        bookmaker: text(row, "bookmaker", path),
        phase: text(row, "phase", path),
        current: numberOr(row, "current", 0),
        total: numberOr(row, "total", 0),
        ms: numberOr(row, "ms", 0),
        errors: numberOr(row, "errors", 0),
      };
    }),
    errors: list(run, "errors", "run", (value, path) => {
      const row = record(value, path);
      return {
        bookmaker: textOr(row, "bookmaker", ""),
        kind: textOr(row, "kind", ""),
        count: numberOr(row, "count", 0),
        sample: textOr(row, "sample", ""),
      };
    }),
  };
}

/** A run's state as screens say it: a run that goes on and is silent is `stalled`. */
export type RunState =
  "pending" | "running" | "stalled" | "completed" | "partial" | "failed" | "connection_failed";

const STATES: readonly RunState[] = [
  "pending",
  "running",
  "stalled",
  "completed",
  "partial",
  "failed",
  "connection_failed",
];

export function stateOf(status: string, stalled: boolean): RunState {
  if (stalled) return "stalled";
  return STATES.find((state) => state === status) ?? "running";
}

/** What a run spends its time on, in four parts. */
export const PARTS = ["discover", "fetch", "read", "store"] as const;
export type Part = (typeof PARTS)[number];

/** The phases in the order of a price's way, each with the part it belongs to. */
export const PHASES: readonly (readonly [phase: string, part: Part])[] = [
  ["discover", "discover"],
  ["wait", "fetch"],
  ["fetch", "fetch"],
  ["inflate", "read"],
  ["decode", "read"],
  ["map", "read"],
  ["settle", "read"],
  ["diff", "read"],
  ["accept", "store"],
  ["cache", "store"],
  ["publish", "store"],
  ["enqueue", "store"],
  ["write", "store"],
  ["drain", "store"],
];

/** Return each part's share of the work, 0 to 1; empty before any was done. */
export function sharesOf(phasesMs: Readonly<Record<string, number>>): { part: Part; share: number }[] {
  const sums = new Map<Part, number>(PARTS.map((part) => [part, 0]));
  for (const [phase, part] of PHASES) sums.set(part, sums.get(part)! + (phasesMs[phase] ?? 0));
  const whole = [...sums.values()].reduce((sum, ms) => sum + ms, 0);
  return whole > 0 ? [...sums].map(([part, ms]) => ({ part, share: ms / whole })) : [];
}

export interface WaterfallBar {
  phase: string;
  part: Part;
  ms: number;
  /** Where it begins and how long it is, as shares of all work. */
  from: number;
  share: number;
}

/** Return the phases one below the other, each beginning where the one before ends. */
export function waterfall(phasesMs: Readonly<Record<string, number>>): WaterfallBar[] {
  const whole = PHASES.reduce((sum, [phase]) => sum + (phasesMs[phase] ?? 0), 0);
  let from = 0;
  return PHASES.map(([phase, part]) => {
    const ms = phasesMs[phase] ?? 0;
    const share = whole > 0 ? ms / whole : 0;
    const bar = { phase, part, ms, from, share };
    from += share;
    return bar;
  });
}
