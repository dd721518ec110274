import { fetchJson } from "@/lib/http";

/**
 * Have one event fetched at every bookmaker now; its new prices are pushed.
 *
 * @throws HttpError, TypeError The server refuses, takes too long or does not answer.
 */
export async function refreshEvent(eventId: string): Promise<void> {
  await fetchJson(`/api/events/${eventId}/refresh`, { method: "POST" });
}
