import type { ReactNode } from "react";
import { text } from "@text/board";
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
        {text.leadHeads.ko} <span>{text.leadHeads.ev}</span>
      </div>
      {link.reason !== "" && (
        <p className="loading-reason" role="status">
          {text.loading.noAnswer(link.reason)}
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
    <section className="empty-board" aria-label={text.empty.label}>
      <h2>{last === null ? text.empty.noRun : text.empty.noEvents}</h2>
      {active === null ? (
        <>
          <p>{last === null ? text.empty.firstRun : last.reason}</p>
          {runNow}
        </>
      ) : (
        <>
          <p>
            {text.empty.running(
              active.overall?.phase ?? text.empty.starting,
              progress === null ? "" : text.empty.progress(progress.current, progress.total),
            )}
          </p>
          <progress
            aria-label={text.empty.runProgress}
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
    <section className="empty-board" aria-label={text.noMatch.label}>
      <h2>{text.noMatch.title}</h2>
      <p>{blamed.length === 0 ? text.noMatch.allStarted : text.noMatch.without}</p>
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
              {text.remove} {name} <span className="back">{text.events(back)}</span>
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
              {text.withStarted}
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
          {text.clearFilters}
        </button>
      )}
    </section>
  );
}
