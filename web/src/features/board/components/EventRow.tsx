import { memo } from "react";
import { formatAge } from "@/lib/format";
import { useCrossing, useHeader, useLayout, useOddsStore, usePresences } from "@/lib/store/useOdds";
import type { Presence } from "@/lib/store/views";
import { clockTime, dayOf, shortDay } from "@/lib/timezone";
import { useFocusedColumn } from "../gridFocus";
import { useRowFocus } from "../hooks/useRowFocus";
import { MarketCells } from "./MarketCells";

interface Props {
  eventId: string;
  /** 1-based, the two head rows included. */
  rowIndex: number;
  top: number;
  open: boolean;
  columns: readonly number[];
  zone: string;
  onToggle: (eventId: string) => void;
}

/** One event: kick-off, teams, who lists it, and the own prices against the rivals. */
export const EventRow = memo(function EventRow({
  eventId,
  rowIndex,
  top,
  open,
  columns,
  zone,
  onToggle,
}: Props) {
  const header = useHeader(eventId);
  const layout = useLayout();
  const focused = useFocusedColumn(eventId);
  const row = useRowFocus(eventId, focused);
  if (header === null) return null;
  const tab = (column: number) => (focused === column ? 0 : -1);
  return (
    <div
      ref={row}
      role="row"
      aria-rowindex={rowIndex}
      className={`row event${header.started ? " started" : ""}${open ? " open" : ""}${focused >= 0 ? " current" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
      data-event={eventId}
      data-row={eventId}
    >
      <div role="gridcell" aria-colindex={1} tabIndex={tab(0)} className="cell kickoff">
        <Kickoff at={header.kickoffAt} zone={zone} />
      </div>
      <div role="rowheader" aria-colindex={2} tabIndex={tab(1)} className="cell name">
        <button
          type="button"
          tabIndex={-1}
          className="toggle"
          aria-expanded={open}
          aria-label={`Rivals of ${header.home} – ${header.away}`}
          onClick={() => {
            onToggle(eventId);
          }}
        />
        <span className="teams" title={`${header.home} – ${header.away}`}>
          {header.home} – {header.away}
        </span>
        <CrossedBadge eventId={eventId} />
        <span className="league" title={`${header.competition} · ${header.country}`}>
          {header.started ? "started · " : ""}
          {header.competition}
        </span>
      </div>
      <div role="gridcell" aria-colindex={3} tabIndex={tab(2)} className="cell books">
        <Books eventId={eventId} />
      </div>
      <MarketCells eventId={eventId} bookmaker={layout.own} columns={columns} focusedColumn={focused} />
    </div>
  );
});

function Kickoff({ at, zone }: { at: number; zone: string }) {
  const now = useOddsStore().now();
  const [day, today] = [dayOf(at, zone), dayOf(now, zone)];
  // The weekday is enough within the coming week.
  const words = shortDay(at, zone).split(" ");
  const name = at - now < 6 * 86_400_000 && at > now ? words[0] : words.slice(1).join(" ");
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={`${shortDay(at, zone)}, ${clockTime(at, zone)} ${zone}`}
    >
      {day !== today && <span className="day">{name}</span>}
      {clockTime(at, zone)}
    </time>
  );
}

function CrossedBadge({ eventId }: { eventId: string }) {
  const crossing = useCrossing(eventId);
  const layout = useLayout();
  if (crossing === null) return null;
  const market = layout.columns[crossing.column]?.name ?? "";
  return (
    <span
      className="crossed"
      title={`Best prices of ${market} add up to ${(crossing.sum * 100).toFixed(1)} %`}
    >
      X-MKT {(crossing.sum * 100).toFixed(1)}
    </span>
  );
}

const PRESENCE_WORDS: Readonly<Record<Presence, string>> = {
  fresh: "fresh",
  stale: "stale",
  absent: "not listed",
  started: "started",
  withdrawn: "withdrawn",
  unknown: "no answer yet",
};

/** One square per bookmaker: filled fresh, hollow stale, dashed not listed. */
function Books({ eventId }: { eventId: string }) {
  const presences = usePresences(eventId);
  const layout = useLayout();
  const store = useOddsStore();
  if (presences === null) return null;
  const words = () =>
    presences
      .map((presence, index) => {
        const at = store.event(eventId)?.listings[index]?.confirmedAt ?? null;
        const age = at === null ? "" : ` · ${formatAge(store.now() - at)} ago`;
        return `${layout.bookmakers[index]?.name ?? ""}: ${PRESENCE_WORDS[presence]}${age}`;
      })
      .join("\n");
  return (
    <span
      className="squares"
      role="img"
      aria-label={presences
        .map((presence, index) => `${layout.bookmakers[index]?.name ?? ""} ${PRESENCE_WORDS[presence]}`)
        .join(", ")}
      onMouseEnter={(event) => {
        event.currentTarget.title = words();
      }}
    >
      {presences.map((presence, index) => (
        <i key={index} className={`square ${presence}`} />
      ))}
    </span>
  );
}
