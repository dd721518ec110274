import { text } from "@text/board";
import { Popover } from "@/components/ui/Popover";
import { Segmented } from "@/components/ui/Segmented";
import { localMinute, momentOf } from "@/lib/timezone";
import { WINDOWS } from "../address";
import type { PartProps } from "./FilterBar";

const WINDOW_OPTIONS = WINDOWS.map((value) => ({ value, label: text.windows[value] }));

/** Kick-off within a window that moves with the clock, or between two times. */
export function KickoffFilter({ address, update }: PartProps) {
  const ranged = address.from !== null || address.to !== null;
  return (
    <>
      <Segmented
        name={text.kickoffWithin}
        value={address.window}
        options={WINDOW_OPTIONS}
        onChange={(window) => {
          update({ window });
        }}
      />
      <Popover label="…" name={text.kickoffRange} buttonName={text.kickoffRange} active={ranged}>
        {() => (
          <div className="range">
            {(["from", "to"] as const).map((end) => (
              <label key={end}>
                {end === "from" ? text.kickoffFrom : text.kickoffTo}
                <input
                  type="datetime-local"
                  value={address[end] === null ? "" : localMinute(address[end], address.zone)}
                  onChange={(event) => {
                    update({ [end]: momentOf(event.target.value, address.zone) });
                  }}
                />
              </label>
            ))}
            <button
              type="button"
              className="button"
              disabled={!ranged}
              onClick={() => {
                update({ from: null, to: null });
              }}
            >
              {text.anyTime}
            </button>
          </div>
        )}
      </Popover>
    </>
  );
}
