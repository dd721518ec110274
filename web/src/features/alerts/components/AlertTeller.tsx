import { useRef, useState } from "react";
import { text } from "@text/alerts";
import { useRows } from "@/lib/live/useWebSocket";
import { useRest } from "@/lib/rest";
import { addUnseen } from "@/lib/unseen";
import { decodeAlert, type Alert } from "../alert";
import { fetchRules } from "../api/alerts";
import { pageOf, showsOf } from "../telling";
import { beep } from "../sound";

/** Tells new alerts wherever the trader is: aloud to screen readers, and as each rule wants by badge, sound, browser. */
export function AlertTeller() {
  const [words, setWords] = useState("");
  const told = useRef(new Set<string>());
  const { data, refetch } = useRest(["/api/alerts/rules"], fetchRules);
  useRows("alerts", (body) => {
    const alert = decodeAlert(body);
    const isNew = alert.resolvedAt === null && alert.acknowledgedAt === null && alert.snoozedUntil === null;
    if (!isNew || told.current.has(alert.id)) return;
    told.current.add(alert.id);
    const shows = showsOf(alert, data?.rules);
    if (shows === null) refetch(); // of a rule that was made since: told as rules are by default
    setWords(text.told(alert.rule, alert.title));
    tell(alert, shows ?? ["badge"]);
  });
  return (
    <p className="visually-hidden" aria-live="polite">
      {words}
    </p>
  );
}

function tell(alert: Alert, shows: readonly string[]): void {
  if (shows.includes("badge")) addUnseen(pageOf(alert));
  if (shows.includes("sound")) beep();
  if (shows.includes("browser") && "Notification" in window && Notification.permission === "granted")
    new Notification(alert.rule, { body: alert.title, tag: alert.id });
}
