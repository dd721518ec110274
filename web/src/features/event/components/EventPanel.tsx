import { useState } from "react";
import { useLocation } from "wouter";
import { text } from "@text/event";
import { useShortcuts } from "@/lib/keys";
import { useLayout } from "@/lib/store/useOdds";
import { formatEventAddress, START, type EventAddress } from "../address";
import { useEventStore, type EventState } from "../hooks/useEventStore";
import { EventHead } from "./EventHead";
import { EventStateFrame } from "./EventState";
import { MarketHistory, nameOf } from "./MarketHistory";
import { MarketTable } from "./MarketTable";
import "./Event.css";

interface Props {
  eventId: string;
  /** Key of the market to begin with, "" for the first, and the outcome in it. */
  market: string;
  outcome: number;
  zone: string;
  onClose: () => void;
  /** Goes to the next or previous event of the Board. */
  onStep: (step: 1 | -1) => void;
}

/** The Board's side panel: one event, one market deep. */
export function EventPanel(props: Props) {
  const { eventId, market, outcome, onClose, onStep } = props;
  const [, navigate] = useLocation();
  const [kept, setKept] = useState<EventAddress>(START);
  const [begun, setBegun] = useState("");
  // Another cell asked for from the Board; what was chosen here outlives a step to the next event.
  const asked = `${market}/${outcome}`;
  if (asked !== begun) {
    setBegun(asked);
    if (market !== "") setKept({ ...kept, market, outcome });
  }
  const update = (change: Partial<EventAddress>) => {
    setKept((before) => ({ ...before, ...change }));
  };
  const openPage = () => {
    const query = formatEventAddress(kept);
    navigate(`/event/${eventId}${query === "" ? "" : `?${query}`}`);
  };
  useShortcuts([
    { keys: ["J"], run: () => onStep(1) },
    { keys: ["K"], run: () => onStep(-1) },
    { keys: ["Escape"], run: onClose },
    { keys: ["o"], run: openPage },
  ]);
  return (
    <aside className="event-panel" aria-label={text.panel}>
      <PanelOf key={eventId} {...props} {...{ kept, update, openPage }} />
    </aside>
  );
}

type Inside = Props & {
  kept: EventAddress;
  update: (change: Partial<EventAddress>) => void;
  openPage: () => void;
};

function PanelOf(props: Inside) {
  const { eventId, onClose, onStep, openPage } = props;
  const state = useEventStore(eventId);
  const tools = (
    <>
      <IconButton name={text.previous} sign="↑" run={() => onStep(-1)} />
      <IconButton name={text.next} sign="↓" run={() => onStep(1)} />
      <IconButton name={text.openPage} sign="⤢" run={openPage} />
      <IconButton name={text.close} sign="✕" run={onClose} />
    </>
  );
  return (
    <>
      <div className="panel-tools">{tools}</div>
      <EventStateFrame {...{ eventId, state }}>
        <Body {...props} state={state} />
      </EventStateFrame>
    </>
  );
}

function Body({ eventId, zone, kept, update, state }: Inside & { state: EventState }) {
  const { columns } = useLayout();
  const known = columns.some(({ key }) => key === kept.market);
  const address = known ? kept : { ...kept, market: columns[0]?.key ?? "", outcome: 0 };
  const column = columns.findIndex(({ key }) => key === address.market);
  return (
    <>
      <EventHead {...{ eventId, state, zone }} />
      <label className="panel-market">
        {text.table.market}{" "}
        <select
          value={address.market}
          onChange={(event) => {
            update({ market: event.target.value, outcome: 0 });
          }}
        >
          {columns.map((each) => (
            <option key={each.key} value={each.key}>
              {nameOf(each)}
            </option>
          ))}
        </select>
      </label>
      <MarketHistory {...{ eventId, address, update, zone }} />
      <MarketTable {...{ eventId, column, zone }} />
    </>
  );
}

function IconButton({ name, sign, run }: { name: string; sign: string; run: () => void }) {
  return (
    <button type="button" className="button icon" aria-label={name} title={name} onClick={run}>
      {sign}
    </button>
  );
}
