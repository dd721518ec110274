import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import { HttpError } from "@/lib/http";
import { useLink, useRuns } from "@/lib/store/useStatus";

const FRESH_MS = 10_000;
const KEPT_MS = 300_000;
const POLL_MS = 15_000;
const RETRY_MS = 1000;
const TRIES = 3;

/** What is known of one endpoint. What came before stays while it is asked again or when that fails. */
export interface Rest<T> {
  data: T | undefined;
  error: Error | null;
  isFetching: boolean;
}

const NOTHING: Rest<never> = { data: undefined, error: null, isFetching: false };

/** Answers of REST endpoints by key, outside React. Prices never pass through it: they live in the store. */
class Entry {
  shown: Rest<unknown> = NOTHING;
  readonly listeners = new Set<() => void>();
  private askedAt = -Infinity;
  private asking: AbortController | null = null;
  /** Whether what is under way may be from before a change that we know of. */
  private isOutdated = false;
  private fetcher: ((signal: AbortSignal) => Promise<unknown>) | null = null;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.asking?.abort();
      this.asking = null;
    };
  };

  /** Take over what somebody learned by another way. */
  put(data: unknown): void {
    this.askedAt = performance.now();
    this.show({ data, error: null });
  }

  /** Ask again as it was asked last, where somebody looks. */
  again(): void {
    if (this.listeners.size === 0 || this.fetcher === null) this.askedAt = -Infinity;
    else if (this.asking !== null) this.isOutdated = true;
    else void this.ask(this.fetcher);
  }

  get isFresh(): boolean {
    return performance.now() - this.askedAt < FRESH_MS;
  }

  get isOver(): boolean {
    return this.listeners.size === 0 && performance.now() - this.askedAt > KEPT_MS;
  }

  async ask(fetcher: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    if (this.asking !== null) return;
    this.fetcher = fetcher;
    const asking = new AbortController();
    const isLeft = () => asking.signal.aborted;
    this.asking = asking;
    this.askedAt = performance.now();
    this.show({ isFetching: true });
    for (let tries = 1; !isLeft(); tries++) {
      const [data, error] = await fetcher(asking.signal).then(
        (answer) => [answer, null] as const,
        (reason: unknown) =>
          [undefined, reason instanceof Error ? reason : new Error(String(reason))] as const,
      );
      if (isLeft()) return;
      if (error === null) this.show({ data, error: null });
      else if (tries < TRIES && !isRefusal(error)) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * tries));
        continue;
      } else this.show({ error });
      break;
    }
    if (this.asking === asking) this.asking = null;
    this.show({ isFetching: false });
    if (!this.isOutdated) return;
    this.isOutdated = false;
    void this.ask(fetcher);
  }

  private show(change: Partial<Rest<unknown>>): void {
    this.shown = { ...this.shown, ...change };
    for (const listener of this.listeners) listener();
  }
}

const entries = new Map<string, Entry>();

function entryOf(key: string): Entry {
  let entry = entries.get(key);
  if (entry !== undefined) return entry;
  for (const [name, each] of entries) if (each.isOver) entries.delete(name);
  entry = new Entry();
  entries.set(key, entry);
  return entry;
}

/** Ask again for every answer on screen whose key begins with this path; others are asked when they are next looked at. */
export function askAgain(path: string): void {
  const start = JSON.stringify([path]).slice(0, -1);
  for (const [name, entry] of entries)
    if (name === `${start}]` || name.startsWith(`${start},`)) entry.again();
}

/** Take over an answer that came by another way, as from a write. */
export function putRest(key: readonly unknown[], data: unknown): void {
  entryOf(JSON.stringify(key)).put(data);
}

/** Whether asking again cannot help: the server understood and said no. */
function isRefusal(error: Error): boolean {
  return error instanceof HttpError && error.status < 500;
}

/** Forget every answer, as between tests. */
export function clearRest(): void {
  entries.clear();
}

/**
 * Return what a REST endpoint answers, kept for five minutes and shared by key. While there is no live link it is
 * asked again every 15 s; with one, the page that knows when its data change calls `refetch`.
 *
 * @param key The endpoint's path and its parameters: the same key means the same question.
 * @param ask Must pass the signal on to `fetchJson`.
 */
export function useRest<T>(
  key: readonly unknown[],
  ask: (signal: AbortSignal) => Promise<T>,
  enabled = true,
): Rest<T> & { refetch: () => void } {
  const live = useLink().state === "live";
  const name = JSON.stringify(key);
  const entry = entryOf(name);
  const shown = useSyncExternalStore(entry.subscribe, () => entry.shown) as Rest<T>;
  // The key stands for the question: another closure over the same key asks the same.
  const refetch = useCallback(() => void entry.ask(ask), [entry]);
  useEffect(() => {
    if (enabled && !entry.isFresh) refetch();
  }, [enabled, entry, refetch]);
  useEffect(() => {
    if (!enabled || live) return;
    const timer = setInterval(refetch, POLL_MS);
    return () => {
      clearInterval(timer);
    };
  }, [enabled, live, refetch]);
  return { ...shown, refetch };
}

/** Ask again after each new link and each run: what came in between is not pushed row by row. */
export function useAskAgain(refetch: () => unknown): void {
  const live = useLink().state === "live";
  const lastRun = useRuns().last?.run_id;
  const seen = useRef({ live, lastRun });
  useEffect(() => {
    const before = seen.current;
    seen.current = { live, lastRun };
    if ((live && !before.live) || (lastRun !== before.lastRun && before.lastRun !== undefined)) refetch();
  }, [live, lastRun, refetch]);
}
