import { fetchJson } from "@/lib/http";
import { momentOrNull } from "@/lib/wire/marketRef";
import { list, number, numberOr, record, text, textOr } from "@/lib/wire/read";
import { decodeAlert, decodeRules, type Alert, type Rules, type RuleSpec } from "../alert";

export interface Alerts {
  rows: readonly Alert[];
  total: number;
}

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export async function fetchAlerts(query: string, signal: AbortSignal): Promise<Alerts> {
  const answer = record(await fetchJson(`/api/alerts?${query}`, { signal }), "alerts");
  return { rows: list(answer, "alerts", "alerts", decodeAlert), total: number(answer, "total", "alerts") };
}

/** @throws HttpError, TypeError No answer, or another one. @throws WireError An answer of another shape. */
export async function fetchRules(signal: AbortSignal): Promise<Rules> {
  return decodeRules(await fetchJson("/api/alerts/rules", { signal }));
}

export async function fetchChannels(signal: AbortSignal): Promise<readonly { name: string; kind: string }[]> {
  const answer = record(await fetchJson("/api/alerts/channels", { signal }), "channels");
  return list(answer, "channels", "channels", (value, path) => {
    const row = record(value, path);
    return { name: text(row, "name", path), kind: textOr(row, "kind", "") };
  });
}

/** Take note of an alert and of what else is open of its rule and event. @throws HttpError Nobody may, or it is over. */
export async function acknowledge(id: string): Promise<void> {
  await fetchJson(`/api/alerts/${encodeURIComponent(id)}/acknowledge`, { method: "POST" });
}

export type SnoozeFor = "15" | "60" | "kickoff";

/** Put an alert's rule at its event off. @throws HttpError Nobody may, or there is no kick-off to wait for. */
export async function snooze(id: string, how: SnoozeFor): Promise<void> {
  const body = how === "kickoff" ? { until: "kickoff" } : { minutes: Number(how) };
  await fetchJson(`/api/alerts/${encodeURIComponent(id)}/snooze`, {
    method: "POST",
    body: JSON.stringify(body),
  });
}

export interface Preview {
  fired: number | null;
  since: number | null;
  openNow: number;
  limits: string;
}

export async function previewRule(spec: RuleSpec): Promise<Preview> {
  const body = JSON.stringify(spec);
  const answer = record(await fetchJson("/api/alerts/rules/preview", { method: "POST", body }), "preview");
  return {
    fired: numberOr(answer, "fired", null),
    since: momentOrNull(answer.since),
    openNow: numberOr(answer, "open_now", 0),
    limits: textOr(answer, "limits", ""),
  };
}

/** @param id Of the rule to change, null for a new one. */
export async function saveRule(id: string | null, spec: RuleSpec): Promise<void> {
  const path = id === null ? "/api/alerts/rules" : `/api/alerts/rules/${encodeURIComponent(id)}`;
  await fetchJson(path, { method: id === null ? "POST" : "PUT", body: JSON.stringify(spec) });
}

export async function deleteRule(id: string): Promise<void> {
  await fetchJson(`/api/alerts/rules/${encodeURIComponent(id)}`, { method: "DELETE" });
}
