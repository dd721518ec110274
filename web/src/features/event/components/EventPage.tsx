import { useRef } from "react";
import { useParams } from "wouter";
import { useShortcuts } from "@/lib/keys";
import { usePreferences } from "@/lib/preferences";
import { useLayout } from "@/lib/store/useOdds";
import { BROWSER_ZONE } from "@/lib/timezone";
import { useEventAddress } from "../hooks/useEventAddress";
import { useEventStore, type EventState } from "../hooks/useEventStore";
import { EventHead } from "./EventHead";
import { EventStateFrame } from "./EventState";
import { MarketHistory } from "./MarketHistory";
import { MarketList } from "./MarketList";
import { MarketTable } from "./MarketTable";
import { QuickFacts } from "./QuickFacts";
import "./Event.css";

/** One event: what stands out, every market at every bookmaker, and the history of the one looked at. */
export function EventPage() {
  const { id = "" } = useParams();
  return <EventOf key={id} eventId={id} />;
}

function EventOf({ eventId }: { eventId: string }) {
  const state = useEventStore(eventId);
  return (
    <main className="event-page">
      <EventStateFrame {...{ eventId, state }}>
        <Body eventId={eventId} state={state} />
      </EventStateFrame>
    </main>
  );
}

function Body({ eventId, state }: { eventId: string; state: EventState }) {
  const layout = useLayout();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const [given, update] = useEventAddress();
  const search = useRef<HTMLInputElement>(null);
  const known = layout.columns.some(({ key }) => key === given.market);
  const address = known ? given : { ...given, market: layout.columns[0]?.key ?? "", outcome: 0 };
  const column = layout.columns.findIndex(({ key }) => key === address.market);
  useKeys(state, search);
  return (
    <>
      <EventHead {...{ eventId, state, zone }} />
      <div className="event-body">
        {state.event !== null && <QuickFacts event={state.event} />}
        <MarketList {...{ eventId, address, update, search, zone }} groups={state.groups} />
        <div className="event-side">
          <MarketTable {...{ eventId, column, zone }} />
          <MarketHistory {...{ eventId, address, update, zone }} />
        </div>
      </div>
    </>
  );
}

function useKeys(state: EventState, search: React.RefObject<HTMLInputElement | null>): void {
  const walk = (step: number) => () => {
    const names = [...document.querySelectorAll<HTMLButtonElement>(".market-name")];
    const at = names.findIndex((name) => name.getAttribute("aria-pressed") === "true");
    const next = names[Math.min(names.length - 1, Math.max(0, at + step))];
    next?.focus();
    next?.click();
  };
  useShortcuts([
    { keys: ["/"], run: () => search.current?.focus() },
    { keys: ["e"], run: state.refresh },
    { keys: ["j", "ArrowDown"], run: walk(1) },
    { keys: ["k", "ArrowUp"], run: walk(-1) },
  ]);
}
