import { fetchJson } from "@/lib/http";
import type { Scope, Session } from "@/lib/session";
import { record, textOr } from "@/lib/wire/read";

const SCOPES: readonly Scope[] = ["viewer", "operator", "admin"];

/** Ask whether a key is needed here and who we are. */
export async function fetchSession(): Promise<Session> {
  return decode(await fetchJson("/api/session"));
}

/** Show a key once; the browser keeps a cookie in its place. @throws HttpError The key is unknown, expired or revoked. */
export async function logIn(key: string): Promise<Session> {
  return decode(await fetchJson("/api/session", { method: "POST", body: JSON.stringify({ key }) }));
}

function decode(value: unknown): Session {
  const body = record(value, "session");
  const scope = textOr(body, "scope", null);
  return {
    required: body.required === true,
    scope: SCOPES.find((each) => each === scope) ?? null,
    name: textOr(body, "name", null),
  };
}
