import { memo } from "react";
import { useHeader, useLayout, usePresences } from "@/lib/store/useOdds";
import type { LeadId } from "../gridPlan";
import { Age, BookLabel, Books, EventName, Kickoff, League, WatchStar } from "./EventLeads";
import { hasLead } from "./EventRow";
import { RowFrame, type RowPlace } from "./RowFrame";

interface Props extends RowPlace {
  eventId: string;
  bookmaker: number;
  /** Whether the row carries the event's name for the ones below. */
  first: boolean;
  zone: string;
}

/** One bookmaker of an event, in the Stacked view. */
export const BookRow = memo(function BookRow({ eventId, bookmaker, first, zone, ...place }: Props) {
  const header = useHeader(eventId);
  const { own } = useLayout();
  const presence = usePresences(eventId)?.[bookmaker] ?? "absent";
  if (header === null) return null;
  const name = `${header.home} – ${header.away}`;
  const lead = (id: LeadId) => {
    if (id === "bn") return <BookLabel eventId={eventId} bookmaker={bookmaker} />;
    if (id === "age") return <Age eventId={eventId} bookmaker={bookmaker} />;
    if (!first) return id === "ev" ? <span className="visually-hidden">{name}</span> : null;
    switch (id) {
      case "ko":
        return (
          <>
            <WatchStar eventId={eventId} name={name} />
            <Kickoff eventId={eventId} zone={zone} />
          </>
        );
      case "ev":
        return <EventName eventId={eventId} withLeague={!hasLead(place, "lg")} />;
      case "lg":
        return <League eventId={eventId} />;
      case "bk":
        return <Books eventId={eventId} />;
    }
  };
  const kind = bookmaker === own ? "own" : presence;
  return (
    <RowFrame
      {...place}
      {...{ eventId, bookmaker, lead }}
      className={`book ${kind}${first ? " first" : ""}${header.started ? " started" : ""}`}
    />
  );
});
