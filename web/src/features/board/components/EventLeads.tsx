import { text } from "@text/board";
import { formatAge } from "@/lib/format";
import { useCrossing, useHeader, useLayout, useOddsStore, usePresences } from "@/lib/store/useOdds";
import { clockTime, dayOf, shortDay } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import { toggleWatched, useIsWatched } from "../watchList";

/** What an event's row says beside prices, one component a column. */

export function Kickoff({ eventId, zone }: { eventId: string; zone: string }) {
  const now = useOddsStore().now();
  const at = useHeader(eventId)?.kickoffAt;
  if (at === undefined) return null;
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

export function WatchStar({ eventId, name }: { eventId: string; name: string }) {
  const watched = useIsWatched(eventId);
  return (
    <button
      type="button"
      tabIndex={-1}
      className="star"
      aria-pressed={watched}
      aria-label={text.watch(name)}
      title={`${text.watch(name)} (w)`}
      onClick={() => {
        toggleWatched(eventId);
      }}
    >
      {watched ? "★" : "☆"}
    </button>
  );
}

/** Teams, and the league where it has no column of its own. */
export function EventName({ eventId, withLeague }: { eventId: string; withLeague: boolean }) {
  const header = useHeader(eventId);
  if (header === null) return null;
  const name = `${header.home} – ${header.away}`;
  return (
    <>
      <span className="teams" title={name}>
        {name}
      </span>
      <CrossedBadge eventId={eventId} />
      {(withLeague || header.started) && (
        <span className="league" title={`${header.competition} · ${header.country}`}>
          {header.started && `${text.started} · `}
          {withLeague && header.competition}
        </span>
      )}
    </>
  );
}

export function League({ eventId }: { eventId: string }) {
  const header = useHeader(eventId);
  if (header === null) return null;
  return (
    <span className="league alone" title={`${header.competition} · ${header.country}`}>
      {header.competition}
    </span>
  );
}

function CrossedBadge({ eventId }: { eventId: string }) {
  const crossing = useCrossing(eventId);
  const layout = useLayout();
  if (crossing === null) return null;
  const sum = (crossing.sum * 100).toFixed(1);
  return (
    <span className="crossed" title={text.crossedTitle(layout.columns[crossing.column]?.name ?? "", sum)}>
      {text.crossed(sum)}
    </span>
  );
}

/** One square per bookmaker: filled fresh, hollow stale, dashed not listed. */
export function Books({ eventId }: { eventId: string }) {
  const presences = usePresences(eventId);
  const layout = useLayout();
  const store = useOddsStore();
  if (presences === null) return null;
  const words = () =>
    presences
      .map((presence, index) => {
        const at = store.event(eventId)?.listings[index]?.confirmedAt ?? null;
        const age = at === null ? "" : ` · ${text.ago(formatAge(store.now() - at))}`;
        return `${layout.bookmakers[index]?.name ?? ""}: ${text.presences[presence]}${age}`;
      })
      .join("\n");
  return (
    <span
      className="squares"
      role="img"
      aria-label={presences
        .map((presence, index) => `${layout.bookmakers[index]?.name ?? ""} ${text.presences[presence]}`)
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

/** How long ago a bookmaker's prices of the event were confirmed. */
export function Age({ eventId, bookmaker }: { eventId: string; bookmaker: number }) {
  useNow();
  const store = useOddsStore();
  const at = store.event(eventId)?.listings[bookmaker]?.confirmedAt ?? null;
  return <span className="age">{at === null ? null : formatAge(store.now() - at)}</span>;
}

/** A bookmaker's name with why its prices do not count, where they do not. */
export function BookLabel({ eventId, bookmaker }: { eventId: string; bookmaker: number }) {
  const layout = useLayout();
  return (
    <>
      <span className="bookmaker" data-series={bookmaker + 1}>
        {layout.bookmakers[bookmaker]?.name}
      </span>
      <Standing eventId={eventId} bookmaker={bookmaker} />
    </>
  );
}

export function Standing({ eventId, bookmaker }: { eventId: string; bookmaker: number }) {
  const presence = usePresences(eventId)?.[bookmaker] ?? "absent";
  if (presence === "fresh") return null;
  return (
    <span className="league">
      {text.presences[presence]}
      {presence === "stale" && (
        <>
          {" "}
          <Age eventId={eventId} bookmaker={bookmaker} />
        </>
      )}
    </span>
  );
}
