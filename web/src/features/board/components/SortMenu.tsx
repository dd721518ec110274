import { text } from "@text/board";
import { Popover } from "@/components/ui/Popover";
import { Radios } from "@/components/ui/Radios";
import { BY_KICKOFF, GROUPINGS, SORT_KEYS } from "../address";
import { nextSort } from "../filters";
import type { PartProps } from "./FilterBar";

/** Order of the rows, and what they are grouped by. */
export function SortMenu({ address, update }: PartProps) {
  const first = address.sort[0] ?? BY_KICKOFF[0]!;
  return (
    <Popover
      caret
      label={first.key === "ko" ? text.sort : text.sortBy(text.sortKeys[first.key])}
      name={text.sortName}
      active={address.sort.length > 1 || first.key !== "ko" || address.group !== "none"}
    >
      {() => (
        <>
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
                  {text.sortKeys[key]}
                  {place >= 0 && (
                    <span>
                      {address.sort[place]!.descending ? "↓" : "↑"}
                      {address.sort.length > 1 && ` ${place + 1}`}
                    </span>
                  )}
                </button>
              );
            })}
            <p>{text.addSort}</p>
          </div>
          <Radios
            legend={text.groupBy}
            value={address.group}
            options={GROUPINGS.map((value) => ({ value, label: text.groupings[value] }))}
            onChange={(group) => {
              update({ group, folded: [] });
            }}
          />
        </>
      )}
    </Popover>
  );
}
