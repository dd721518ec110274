import type { ReactNode } from "react";
import { formatWhole } from "@/lib/format";
import { countOf } from "@/lib/text";
import { progressOf } from "@/lib/store/statusStore";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useLink, useRuns } from "@/lib/store/useStatus";
import type { BoardAddress } from "../address";
import { activeFilters, leagueChoices, NO_FILTERS } from "../filters";
import type { UpdateAddress } from "../hooks/useBoardAddress";
import { countRows } from "../rows";
import "./EmptyBoard.css";

/** Before the first answer: real column heads come with it, until then grey rows in their place. */
export function LoadingBoard() {
  const link = useLink();
  return (
    <div className="loading-board" aria-busy="true">
      <div className="loading-head">
        KO <span>Event</span>
      </div>
      {link.reason !== "" && (
        <p className="loading-reason" role="status">
          No answer yet: {link.reason}. Trying again by itself.
        </p>
      )}
      {Array.from({ length: 20 }, (_, index) => (
        <div key={index} className="loading-row">
          <i />
          <i />
          <i />
        </div>
      ))}
    </div>
  );
}

/** Nothing stored yet: how far the first run is, or the means to start it. */
export function EmptyDatabase({ runNow }: { runNow: ReactNode }) {
  const { active, last } = useRuns();
  const progress = active === null ? null : progressOf(active);
  return (
    <section className="empty-board" aria-label="No events">
      <h2>{last === null ? "No run has finished yet" : "The last run found no events"}</h2>
      {active === null ? (
        <>
          <p>{last === null ? "Prices appear here with the first run." : last.reason}</p>
          {runNow}
        </>
      ) : (
        <>
          <p>
            A run is on: {active.overall?.phase ?? "starting"}
            {progress !== null && ` · ${formatWhole(progress.current)} of ${formatWhole(progress.total)}`}.
            Prices appear here as they come in.
          </p>
          <progress
            aria-label="Run progress"
            max={1}
            {...(progress === null ? {} : { value: progress.share })}
          />
        </>
      )}
    </section>
  );
}

/** Nothing matches: which filters are to blame, each removable. */
export function NoMatch({ address, update }: { address: BoardAddress; update: UpdateAddress }) {
  const store = useOddsStore();
  const layout = useLayout();
  const leagues = new Map(leagueChoices(store).map(({ value, name }) => [value, name]));
  const blamed = activeFilters(address, layout, (id) => leagues.get(id) ?? id)
    .map((filter) => ({ ...filter, back: countRows(store, { ...address, ...filter.without }) }))
    .sort((a, b) => b.back - a.back);
  return (
    <section className="empty-board" aria-label="No match">
      <h2>No event matches these filters</h2>
      <p>{blamed.length === 0 ? "All events have started." : "Without one of them:"}</p>
      <ul>
        {blamed.map(({ name, without, back }) => (
          <li key={name}>
            <button
              type="button"
              className="button"
              onClick={() => {
                update(without);
              }}
            >
              Remove {name} <span className="back">{countOf(back, "event")}</span>
            </button>
          </li>
        ))}
        {blamed.length === 0 && (
          <li>
            <button
              type="button"
              className="button"
              onClick={() => {
                update({ started: true });
              }}
            >
              Show started events
            </button>
          </li>
        )}
      </ul>
      {blamed.length > 1 && (
        <button
          type="button"
          className="button primary"
          onClick={() => {
            update(NO_FILTERS);
          }}
        >
          Clear all filters
        </button>
      )}
    </section>
  );
}
