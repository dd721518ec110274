import { text } from "@text/board";
import { Popover } from "@/components/ui/Popover";
import { Radios } from "@/components/ui/Radios";
import { useLayout } from "@/lib/store/useOdds";
import { ATTENTION_KINDS } from "../address";
import { bookName } from "../filters";
import type { PartProps } from "./FilterBar";

const GAP_STEPS = ["0", "1", "2", "5", "10"];

/** What the gap is measured against, and which events are worth the trader's eye. */
export function GapFilter({ address, update }: PartProps) {
  const layout = useLayout();
  const rivals = layout.bookmakers.filter((_, index) => index !== layout.own);
  const steps = GAP_STEPS.includes(String(address.minGap))
    ? GAP_STEPS
    : [...GAP_STEPS, String(address.minGap)];
  return (
    <Popover
      caret
      label={text.reference(bookName(address.reference, layout))}
      name={text.gapAndReference}
      active={address.minGap > 0 || address.attention.length > 0 || address.reference !== "median"}
    >
      {() => (
        <>
          <Radios
            legend={text.gapAgainst}
            value={address.reference}
            options={[
              { value: "median", label: text.references.median },
              { value: "best", label: text.references.best },
              ...rivals.map(({ code, name }) => ({ value: code, label: name })),
            ]}
            onChange={(reference) => {
              update({ reference });
            }}
          />
          <Radios
            legend={text.gapOfAtLeast}
            value={String(address.minGap)}
            options={steps.map((value) => ({ value, label: text.gapSize(value) }))}
            onChange={(value) => {
              update({ minGap: Number(value) });
            }}
          />
          <fieldset className="radios">
            <legend>
              {text.attention} <kbd>a</kbd>
            </legend>
            {ATTENTION_KINDS.map((kind) => (
              <label key={kind} className="check">
                <input
                  type="checkbox"
                  checked={address.attention.includes(kind)}
                  onChange={(event) => {
                    const chosen = (each: string) =>
                      each === kind ? event.target.checked : address.attention.some((one) => one === each);
                    update({ attention: ATTENTION_KINDS.filter(chosen) });
                  }}
                />
                {text.attentionKinds[kind]}
              </label>
            ))}
          </fieldset>
        </>
      )}
    </Popover>
  );
}
