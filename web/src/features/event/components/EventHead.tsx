import { useState, type ReactNode } from "react";
import { text } from "@text/event";
import { text as boardText } from "@text/board";
import { formatAge } from "@/lib/format";
import { useCrossing, useHeader, useLayout, useOddsStore, usePresences } from "@/lib/store/useOdds";
import { clockTime, dayOf, shortDay } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import type { EventState } from "../hooks/useEventStore";

/** Which event this is, when it begins, whether its prices can be trusted, and the means to fetch them now. */
export function EventHead(props: { eventId: string; state: EventState; zone: string; tools?: ReactNode }) {
  const { eventId, state, zone, tools } = props;
  const header = useHeader(eventId);
  if (header === null) return null;
  const teams = text.teams(header.home, header.away);
  return (
    <header className="event-head">
      <h1>{teams}</h1>
      <span className="event-where">{[header.competition, header.country].filter(Boolean).join(" · ")}</span>
      <Kickoff at={header.kickoffAt} started={header.started} zone={zone} />
      <CopyId id={`sr:match:${eventId}`} />
      <Trust eventId={eventId} />
      <Crossed eventId={eventId} />
      {state.event?.check === true && <span className="event-check">⚠ {text.check}</span>}
      <span className="spring" />
      <button
        type="button"
        className="button"
        disabled={state.refreshing}
        title={`${text.refresh} (e)`}
        onClick={state.refresh}
      >
        {state.refreshing ? text.refreshing : text.refresh}
      </button>
      {tools}
    </header>
  );
}

function Kickoff({ at, started, zone }: { at: number; started: boolean; zone: string }) {
  useNow();
  const now = useOddsStore().now();
  const day = dayOf(at, zone) === dayOf(now, zone) ? "" : `${shortDay(at, zone)} `;
  return (
    <time className="event-kickoff" dateTime={new Date(at).toISOString()}>
      {day}
      {clockTime(at, zone)} ({started ? text.started : text.inTime(formatAge(at - now))})
    </time>
  );
}

function CopyId({ id }: { id: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="event-id"
      title={text.copyId}
      onClick={() => {
        void navigator.clipboard.writeText(id).then(() => {
          setCopied(true);
        });
      }}
    >
      {id} <u>{copied ? text.copied : text.copy}</u>
    </button>
  );
}

function Trust({ eventId }: { eventId: string }) {
  const layout = useLayout();
  const presences = usePresences(eventId) ?? [];
  const old = layout.bookmakers.flatMap(({ name }, index) => {
    const presence = presences[index] ?? "absent";
    return presence === "fresh" || presence === "absent" ? [] : [`${name} ${boardText.presences[presence]}`];
  });
  return old.length === 0 ? (
    <span className="event-trust">
      <i className="ok">●</i> {text.allFresh}
    </span>
  ) : (
    <span className="event-trust">
      <i className="warn">■</i> {text.notFresh(old.join(", "))}
    </span>
  );
}

function Crossed({ eventId }: { eventId: string }) {
  const crossing = useCrossing(eventId);
  const layout = useLayout();
  if (crossing === null) return null;
  const sum = (crossing.sum * 100).toFixed(1);
  const market = layout.columns[crossing.column];
  return (
    <span className="crossed" title={boardText.crossedTitle(market?.name ?? "", sum)}>
      {boardText.crossed(sum)}
    </span>
  );
}
