import { memo } from "react";
import { usePresences } from "@/lib/store/useOdds";
import type { LeadId } from "../gridPlan";
import { Age, BookLabel } from "./EventLeads";
import { RowFrame, type RowPlace } from "./RowFrame";

interface Props extends RowPlace {
  eventId: string;
  bookmaker: number;
}

/** One rival's prices under its event, against the own ones. */
export const RivalRow = memo(function RivalRow({ eventId, bookmaker, ...place }: Props) {
  const presence = usePresences(eventId)?.[bookmaker] ?? "absent";
  const lead = (id: LeadId) => {
    if (id === "ev") return <BookLabel eventId={eventId} bookmaker={bookmaker} />;
    return id === "bk" || id === "age" ? <Age eventId={eventId} bookmaker={bookmaker} /> : null;
  };
  return <RowFrame {...place} {...{ eventId, bookmaker, lead }} className={`rival ${presence}`} />;
});
