import { useMemo, type ReactNode, type RefObject } from "react";
import { text } from "@text/board";
import { ChoiceList } from "@/components/ui/ChoiceList";
import { Popover } from "@/components/ui/Popover";
import { Segmented } from "@/components/ui/Segmented";
import { formatWhole } from "@/lib/format";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { VIEWS, type BoardAddress } from "../address";
import { activeFilters, countryChoices, leagueChoices } from "../filters";
import type { UpdateAddress } from "../hooks/useBoardAddress";
import type { Rows } from "../hooks/useRows";
import { BooksFilter } from "./BooksFilter";
import { GapFilter } from "./GapFilter";
import { KickoffFilter } from "./KickoffFilter";
import { SortMenu } from "./SortMenu";
import "./FilterBar.css";

interface Props {
  address: BoardAddress;
  update: UpdateAddress;
  rows: Rows;
  total: number;
  search: RefObject<HTMLInputElement | null>;
  /** Takes the focus from the search to the rows. */
  onLeave: () => void;
  /** What the bar offers beside filters: columns, CSV, views. */
  tools: ReactNode;
}

const VIEW_OPTIONS = VIEWS.map((value) => ({ value, label: text.views[value] }));

/** What the Board shows and in which order. */
export function FilterBar({ address, update, rows, total, search, onLeave, tools }: Props) {
  return (
    <div className="filter-bar" role="search">
      <SearchField {...{ address, update, search, onLeave }} />
      <Segmented
        name={text.view}
        value={address.view}
        options={VIEW_OPTIONS}
        onChange={(view) => {
          update({ view });
        }}
      />
      {address.view === "matrix" && <MarketSelect address={address} update={update} />}
      <KickoffFilter address={address} update={update} />
      <PlaceFilters address={address} update={update} />
      <BooksFilter address={address} update={update} />
      <GapFilter address={address} update={update} />
      <SortMenu address={address} update={update} />
      <Chips address={address} update={update} />
      <div className="results">
        {rows.pending > 0 && (
          <button type="button" className="button pending" title={text.applyOrder} onClick={rows.apply}>
            {text.orderChanged} · {formatWhole(rows.pending)} <kbd>r</kbd>
          </button>
        )}
        <span className="result-count" role="status">
          {text.events(rows.ids.length)}
          {rows.ids.length !== total && <span className="of"> {text.filteredFrom(total)}</span>}
        </span>
        {tools}
      </div>
    </div>
  );
}

export interface PartProps {
  address: BoardAddress;
  update: UpdateAddress;
}

function SearchField({ address, update, search, onLeave }: PartProps & Pick<Props, "search" | "onLeave">) {
  return (
    <input
      ref={search}
      type="search"
      className="search"
      placeholder={text.searchShort}
      aria-label={text.search}
      value={address.q}
      onChange={(event) => {
        update({ q: event.target.value });
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" && event.key !== "Enter" && event.key !== "ArrowDown") return;
        event.preventDefault();
        event.currentTarget.blur();
        onLeave();
      }}
    />
  );
}

function MarketSelect({ address, update }: PartProps) {
  const layout = useLayout();
  return (
    <select
      aria-label={text.marketOnly}
      value={address.market || (address.markets?.[0] ?? layout.columns[0]?.key)}
      onChange={(event) => {
        update({ market: event.target.value });
      }}
    >
      {layout.columns.map(({ key, name }) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </select>
  );
}

function PlaceFilters({ address, update }: PartProps) {
  const store = useOddsStore();
  return (
    <>
      <Popover caret label={text.country} name={text.country} active={address.countries.length > 0}>
        {() => (
          <ChoiceList
            name={text.country.toLowerCase()}
            items={countryChoices(store)}
            chosen={address.countries}
            onChange={(countries) => {
              update({ countries });
            }}
          />
        )}
      </Popover>
      <Popover caret label={text.league} name={text.league} active={address.competitions.length > 0}>
        {() => (
          <ChoiceList
            name={text.league.toLowerCase()}
            items={leagueChoices(store)}
            chosen={address.competitions}
            onChange={(competitions) => {
              update({ competitions });
            }}
          />
        )}
      </Popover>
    </>
  );
}

function Chips({ address, update }: PartProps) {
  const layout = useLayout();
  const store = useOddsStore();
  const leagues = useMemo(
    () =>
      address.competitions.length > 0
        ? new Map(leagueChoices(store).map(({ value, name }) => [value, name]))
        : null,
    [address.competitions, store],
  );
  const filters = activeFilters(address, layout, (id) => leagues?.get(id) ?? id);
  return filters.map(({ name, without }) => (
    <button
      key={name}
      type="button"
      className="chip"
      aria-label={text.removeFilter(name)}
      onClick={() => {
        update(without);
      }}
    >
      {name} <span aria-hidden="true">✕</span>
    </button>
  ));
}
