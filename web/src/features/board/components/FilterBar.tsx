import { useMemo, type RefObject } from "react";
import { ChoiceList } from "@/components/ui/ChoiceList";
import { Popover } from "@/components/ui/Popover";
import { Segmented } from "@/components/ui/Segmented";
import { formatWhole } from "@/lib/format";
import { countOf } from "@/lib/text";
import type { Layout } from "@/lib/store/layout";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { AVAILABILITIES, BY_KICKOFF, SORT_KEYS, WINDOWS, type BoardAddress } from "../address";
import {
  activeFilters,
  availabilityNames,
  countryChoices,
  leagueChoices,
  nextSort,
  SORT_NAMES,
  WINDOW_NAMES,
} from "../filters";
import type { UpdateAddress } from "../hooks/useBoardAddress";
import type { Rows } from "../hooks/useRows";
import { shownColumns } from "../address";
import { Radios } from "@/components/ui/Radios";
import "./FilterBar.css";

interface Props {
  address: BoardAddress;
  update: UpdateAddress;
  rows: Rows;
  total: number;
  search: RefObject<HTMLInputElement | null>;
  /** Takes the focus from the search to the rows. */
  onLeave: () => void;
}

const WINDOW_OPTIONS = WINDOWS.map((value) => ({ value, label: WINDOW_NAMES[value] }));

/** What the Board shows and in which order. */
export function FilterBar({ address, update, rows, total, search, onLeave }: Props) {
  return (
    <div className="filter-bar" role="search">
      <input
        ref={search}
        type="search"
        className="search"
        placeholder="Search teams, leagues  /"
        aria-label="Search teams, leagues, countries"
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
      <Segmented
        name="Kick-off within"
        value={address.window}
        options={WINDOW_OPTIONS}
        onChange={(window) => {
          update({ window });
        }}
      />
      <PlaceFilters address={address} update={update} />
      <BooksFilter address={address} update={update} />
      <GapFilter address={address} update={update} />
      <MarketsFilter address={address} update={update} />
      <SortMenu address={address} update={update} />
      <Chips address={address} update={update} />
      <div className="results">
        {rows.pending > 0 && (
          <button
            type="button"
            className="button pending"
            title="Apply the new order (r)"
            onClick={rows.apply}
          >
            Order changed · {formatWhole(rows.pending)} <kbd>r</kbd>
          </button>
        )}
        <span className="result-count">
          {countOf(rows.ids.length, "event")}
          {rows.ids.length !== total && <span className="of"> of {formatWhole(total)}</span>}
        </span>
      </div>
    </div>
  );
}

interface PartProps {
  address: BoardAddress;
  update: UpdateAddress;
}

function PlaceFilters({ address, update }: PartProps) {
  const store = useOddsStore();
  return (
    <>
      <Popover caret label="Country" name="Country" active={address.countries.length > 0}>
        {() => (
          <ChoiceList
            name="country"
            items={countryChoices(store)}
            chosen={address.countries}
            onChange={(countries) => {
              update({ countries });
            }}
          />
        )}
      </Popover>
      <Popover caret label="League" name="League" active={address.competitions.length > 0}>
        {() => (
          <ChoiceList
            name="league"
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

function BooksFilter({ address, update }: PartProps) {
  const layout = useLayout();
  const names = availabilityNames(layout);
  const minimums = layout.bookmakers.map((_, index) => String(index + 1));
  return (
    <Popover caret label="Books" name="Books" active={address.minBooks > 1 || address.availability !== "all"}>
      {() => (
        <>
          <Radios
            legend="Offered by"
            value={address.availability}
            options={AVAILABILITIES.map((value) => ({ value, label: names[value] }))}
            onChange={(availability) => {
              update({ availability });
            }}
          />
          <Radios
            legend="Books, at least"
            value={String(address.minBooks)}
            options={minimums.map((value) => ({ value, label: value === "1" ? "any number" : `≥ ${value}` }))}
            onChange={(value) => {
              update({ minBooks: Number(value) });
            }}
          />
          <label className="check">
            <input
              type="checkbox"
              checked={address.started}
              onChange={(event) => {
                update({ started: event.target.checked });
              }}
            />
            Show started events
          </label>
        </>
      )}
    </Popover>
  );
}

const GAP_STEPS = ["0", "1", "2", "5", "10"];

function GapFilter({ address, update }: PartProps) {
  const layout = useLayout();
  const rivals = layout.bookmakers.filter((_, index) => index !== layout.own);
  return (
    <Popover
      caret
      label={`ref: ${referenceLabel(address.reference, layout)}`}
      name="Gap and reference"
      active={address.minGap > 0 || address.attention || address.reference !== "median"}
    >
      {() => (
        <>
          <Radios
            legend="Gap is against"
            value={address.reference}
            options={[
              { value: "median", label: "median of fresh rivals" },
              { value: "best", label: "best rival" },
              ...rivals.map(({ code, name }) => ({ value: code, label: name })),
            ]}
            onChange={(reference) => {
              update({ reference });
            }}
          />
          <Radios
            legend="Show events with a gap of"
            value={String(address.minGap)}
            options={GAP_STEPS.map((value) => ({
              value,
              label: value === "0" ? "any size" : `${value} % or more`,
            }))}
            onChange={(value) => {
              update({ minGap: Number(value) });
            }}
          />
          <label className="check">
            <input
              type="checkbox"
              checked={address.attention}
              onChange={(event) => {
                update({ attention: event.target.checked });
              }}
            />
            Only what needs attention <kbd>a</kbd>
          </label>
        </>
      )}
    </Popover>
  );
}

function referenceLabel(reference: string, layout: Layout): string {
  return layout.bookmakers.find(({ code }) => code === reference)?.name ?? reference;
}

function MarketsFilter({ address, update }: PartProps) {
  const layout = useLayout();
  const shown = shownColumns(address.markets, layout);
  return (
    <Popover caret label="Markets" name="Markets" active={address.markets !== null}>
      {() => (
        <fieldset className="radios">
          <legend>Market columns</legend>
          {layout.columns.map((column, index) => (
            <label key={column.key} className="check">
              <input
                type="checkbox"
                checked={shown.includes(index)}
                disabled={shown.length === 1 && shown.includes(index)}
                onChange={() => {
                  update({ markets: toggledMarkets(address.markets, index, layout) });
                }}
              />
              {column.name} <kbd>{index + 1}</kbd>
            </label>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}

/** Return the shown market keys after one was switched; the last one stays. */
export function toggledMarkets(
  markets: BoardAddress["markets"],
  index: number,
  layout: Layout,
): BoardAddress["markets"] {
  const shown = shownColumns(markets, layout);
  const next = shown.includes(index)
    ? shown.filter((each) => each !== index)
    : [...shown, index].sort((a, b) => a - b);
  if (next.length === 0 || index >= layout.columns.length) return markets;
  return next.length === layout.columns.length ? null : next.map((each) => layout.columns[each]!.key);
}

function SortMenu({ address, update }: PartProps) {
  const first = address.sort[0] ?? BY_KICKOFF[0]!;
  return (
    <Popover
      caret
      label={`Sort: ${SORT_NAMES[first.key].toLowerCase()}`}
      name="Sort"
      active={address.sort !== BY_KICKOFF && first.key !== "ko"}
    >
      {() => (
        <div className="sorts">
          {SORT_KEYS.map((key) => {
            const place = address.sort.findIndex((by) => by.key === key);
            return (
              <button
                key={key}
                type="button"
                className="button"
                aria-pressed={place >= 0}
                onClick={(event) => {
                  update({ sort: nextSort(address.sort, key, event.shiftKey) });
                }}
              >
                {SORT_NAMES[key]}
                {place >= 0 && (
                  <span>
                    {address.sort[place]!.descending ? "↓" : "↑"}
                    {address.sort.length > 1 && ` ${place + 1}`}
                  </span>
                )}
              </button>
            );
          })}
          <p>Shift+click adds a second order.</p>
        </div>
      )}
    </Popover>
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
      aria-label={`Remove filter ${name}`}
      onClick={() => {
        update(without);
      }}
    >
      {name} <span aria-hidden="true">✕</span>
    </button>
  ));
}
