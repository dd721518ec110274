import { keyMissed } from "./session";

/** An answer that is not the one asked for: problem+json's title and detail, or the status. */
export class HttpError extends Error {
  override name = "HttpError";

  constructor(
    readonly status: number,
    message: string,
    readonly body: unknown,
  ) {
    super(message);
  }
}

/** The server took longer than we wait. */
export class NoAnswer extends Error {
  override name = "NoAnswer";

  constructor(readonly waitedMs: number) {
    super(`no answer within ${waitedMs / 1000} s`);
  }
}

/** Return what an error says, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const TIMEOUT_MS = 15_000;

export interface Asking extends Omit<RequestInit, "headers" | "signal"> {
  /** Ends the question from outside. */
  signal?: AbortSignal;
  /** How long the whole answer may take. */
  timeoutMs?: number;
}

/**
 * Ask the server and return its JSON.
 *
 * @throws HttpError The status is not 2xx. @throws NoAnswer It takes too long.
 * @throws TypeError The server cannot be reached. @throws DOMException The signal ended it.
 */
export async function fetchJson(path: string, asking: Asking = {}): Promise<unknown> {
  const { signal, timeoutMs = TIMEOUT_MS, ...init } = asking;
  const late = AbortSignal.timeout(timeoutMs);
  const ends = signal === undefined ? late : AbortSignal.any([signal, late]);
  try {
    const answer = await fetch(path, { ...init, signal: ends, headers: { accept: "application/json" } });
    const body: unknown = await answer.json().catch((error: unknown) => {
      if (ends.aborted) throw error;
      return null;
    });
    if (answer.status === 401) keyMissed();
    if (!answer.ok) throw new HttpError(answer.status, problemText(body) ?? `status ${answer.status}`, body);
    return body;
  } catch (error) {
    if (late.aborted && signal?.aborted !== true) throw new NoAnswer(timeoutMs);
    throw error;
  }
}

function problemText(body: unknown): string | null {
  if (typeof body !== "object" || body === null) return null;
  const { title, detail } = body as { title?: unknown; detail?: unknown };
  if (typeof detail === "string") return detail;
  return typeof title === "string" ? title : null;
}
