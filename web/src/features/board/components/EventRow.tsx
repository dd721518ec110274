import { memo } from "react";
import { text } from "@text/board";
import { useHeader, useLayout } from "@/lib/store/useOdds";
import type { LeadId } from "../gridPlan";
import { Age, Books, EventName, Kickoff, League, WatchStar } from "./EventLeads";
import { RowFrame, type RowPlace } from "./RowFrame";

interface Props extends RowPlace {
  eventId: string;
  open: boolean;
  /** Whether the row can open to its rivals. */
  expandable: boolean;
  zone: string;
  onToggle: (eventId: string) => void;
}

/** One event: kick-off, teams, who lists it, and the own prices against the rivals. */
export const EventRow = memo(function EventRow({
  eventId,
  open,
  expandable,
  zone,
  onToggle,
  ...place
}: Props) {
  const header = useHeader(eventId);
  const { own } = useLayout();
  if (header === null) return null;
  const name = `${header.home} – ${header.away}`;
  const lead = (id: LeadId) => {
    switch (id) {
      case "ko":
        return (
          <>
            <WatchStar eventId={eventId} name={name} />
            <Kickoff eventId={eventId} zone={zone} />
          </>
        );
      case "ev":
        return (
          <>
            {expandable && (
              <button
                type="button"
                tabIndex={-1}
                className="toggle"
                aria-expanded={open}
                aria-label={text.rivalsOf(name)}
                onClick={() => {
                  onToggle(eventId);
                }}
              />
            )}
            <EventName eventId={eventId} withLeague={!hasLead(place, "lg")} />
          </>
        );
      case "lg":
        return <League eventId={eventId} />;
      case "bk":
        return <Books eventId={eventId} />;
      case "age":
      case "bn":
        return <Age eventId={eventId} bookmaker={own} />;
    }
  };
  return (
    <RowFrame
      {...place}
      eventId={eventId}
      bookmaker={own}
      className={`event${header.started ? " started" : ""}${open ? " open" : ""}`}
      lead={lead}
    />
  );
});

export function hasLead({ plan }: Pick<RowPlace, "plan">, id: LeadId): boolean {
  return plan.segments.some((segment) => segment.id === id);
}
