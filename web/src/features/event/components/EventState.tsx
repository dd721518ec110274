import type { ReactNode } from "react";
import { Link } from "wouter";
import { text } from "@text/event";
import { Failure } from "@/components/ui/Failure";
import { OddsStoreContext } from "@/lib/store/useOdds";
import type { EventState } from "../hooks/useEventStore";

/** The event's own store for what is inside, or why there is nothing to see. */
export function EventStateFrame(props: { eventId: string; state: EventState; children: ReactNode }) {
  const { eventId, state, children } = props;
  const { unknown } = text;
  if (state.unknown)
    return (
      <div className="event-unknown">
        <h1>{unknown.title(eventId)}</h1>
        <p>
          {unknown.why} <Link href="/">{unknown.board}</Link>
          {unknown.or}
          <Link href={`/?q=${encodeURIComponent(eventId)}`}>{unknown.look(eventId)}</Link>.
        </p>
      </div>
    );
  return (
    <OddsStoreContext value={state.store}>
      {state.failure !== "" && <Failure reason={text.failed(state.failure)} onRetry={state.reload} />}
      {state.event === null ? (
        <div className="event-loading" aria-busy="true" aria-label={text.loading} role="status">
          {Array.from({ length: 12 }, (_, index) => (
            <i key={index} />
          ))}
        </div>
      ) : (
        children
      )}
    </OddsStoreContext>
  );
}
