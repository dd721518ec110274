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

/**
 * Ask the server and return its JSON.
 *
 * @throws HttpError The status is not 2xx.
 * @throws TypeError The server does not answer.
 */
export async function fetchJson(path: string, init: Omit<RequestInit, "headers"> = {}): Promise<unknown> {
  const answer = await fetch(path, { ...init, headers: { accept: "application/json" } });
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw new HttpError(answer.status, problemText(body) ?? `status ${answer.status}`, body);
  return body;
}

function problemText(body: unknown): string | null {
  if (typeof body !== "object" || body === null) return null;
  const { title, detail } = body as { title?: unknown; detail?: unknown };
  if (typeof detail === "string") return detail;
  return typeof title === "string" ? title : null;
}
