import { text } from "@text/board";
import { Popover } from "@/components/ui/Popover";
import { Radios } from "@/components/ui/Radios";
import { Segmented } from "@/components/ui/Segmented";
import { useLayout } from "@/lib/store/useOdds";
import { AVAILABILITIES, shownBooks, type BoardAddress } from "../address";
import { availabilityName } from "../filters";
import type { PartProps } from "./FilterBar";

type Presence = "any" | "has" | "lacks";
const PRESENCES: readonly Presence[] = ["any", "has", "lacks"];

/** Who must list an event, and whose prices are shown. */
export function BooksFilter({ address, update }: PartProps) {
  const layout = useLayout();
  const minimums = layout.bookmakers.map((_, index) => String(index + 1));
  const active =
    address.minBooks > 1 ||
    address.availability !== "all" ||
    address.has.length + address.lacks.length > 0 ||
    address.books !== null ||
    address.started ||
    address.watched;
  return (
    <Popover caret label={text.books} name={text.books} active={active}>
      {() => (
        <>
          <Radios
            legend={text.offeredBy}
            value={address.availability}
            options={AVAILABILITIES.map((value) => ({ value, label: availabilityName(value, layout) }))}
            onChange={(availability) => {
              update({ availability });
            }}
          />
          <label className="check">
            {text.booksAtLeast}
            <select
              value={address.minBooks}
              onChange={(event) => {
                update({ minBooks: Number(event.target.value) });
              }}
            >
              {minimums.map((value) => (
                <option key={value} value={value}>
                  {value === "1" ? text.anyNumber : text.atLeast(value)}
                </option>
              ))}
            </select>
          </label>
          <PresenceFilters address={address} update={update} />
          <ShownBooks address={address} update={update} />
          <fieldset className="radios">
            {(["started", "watched"] as const).map((field) => (
              <label key={field} className="check">
                <input
                  type="checkbox"
                  checked={address[field]}
                  onChange={(event) => {
                    update({ [field]: event.target.checked });
                  }}
                />
                {field === "started" ? text.withStarted : text.onlyWatched}
              </label>
            ))}
          </fieldset>
        </>
      )}
    </Popover>
  );
}

function PresenceFilters({ address, update }: PartProps) {
  const layout = useLayout();
  const presenceOf = (code: string): Presence =>
    address.has.includes(code) ? "has" : address.lacks.includes(code) ? "lacks" : "any";
  const without = (codes: readonly string[], code: string) => codes.filter((each) => each !== code);
  return (
    <fieldset className="radios">
      <legend>{text.bookPresence}</legend>
      {layout.bookmakers.map(({ code, name }) => (
        <div key={code} className="check">
          <span className="check-name">{name}</span>
          <Segmented
            name={name}
            value={presenceOf(code)}
            options={PRESENCES.map((value) => ({ value, label: text.presence[value] }))}
            onChange={(value) => {
              const next: Partial<BoardAddress> = {
                has: value === "has" ? [...without(address.has, code), code] : without(address.has, code),
                lacks:
                  value === "lacks" ? [...without(address.lacks, code), code] : without(address.lacks, code),
              };
              update(next);
            }}
          />
        </div>
      ))}
    </fieldset>
  );
}

function ShownBooks({ address, update }: PartProps) {
  const layout = useLayout();
  const shown = shownBooks(address.books, layout).map((index) => layout.bookmakers[index]!.code);
  const rivals = layout.bookmakers.filter((_, index) => index !== layout.own);
  const toggle = (code: string) => {
    const next = rivals.map((rival) => rival.code).filter((each) => shown.includes(each) !== (each === code));
    update({ books: next.length === rivals.length ? null : next });
  };
  return (
    <fieldset className="radios">
      <legend>{text.shownBooks}</legend>
      {rivals.map(({ code, name }) => (
        <label key={code} className="check">
          <input
            type="checkbox"
            checked={shown.includes(code)}
            disabled={shown.length === 1 && shown.includes(code)}
            onChange={() => {
              toggle(code);
            }}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
