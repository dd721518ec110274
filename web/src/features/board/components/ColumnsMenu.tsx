import { useState } from "react";
import { text } from "@text/board";
import { Popover } from "@/components/ui/Popover";
import { Segmented } from "@/components/ui/Segmented";
import { DENSITIES } from "@/lib/preferences";
import type { Layout } from "@/lib/store/layout";
import { useLayout } from "@/lib/store/useOdds";
import { choicesOf, isLead, LEAD_IDS, type GridPlan } from "../gridPlan";
import type { ColumnActions } from "../hooks/useColumns";
import type { PartProps } from "./FilterBar";
import { MarketPicker } from "./MarketPicker";

interface Props extends PartProps {
  plan: GridPlan;
  actions: ColumnActions;
}

/** Which columns are shown, in which order, how wide, and which stay at the left. */
export function ColumnsMenu({ address, update, plan, actions }: Props) {
  return (
    <Popover
      caret
      label={text.columns}
      name={text.columns}
      align="end"
      active={address.columns !== null || address.markets !== null}
    >
      {() => (
        <div className="columns-menu">
          <MarketPicker address={address} update={update} />
          <ColumnList {...{ address, update, plan, actions }} />
          <div className="columns-tail">
            <Segmented
              name={text.density}
              value={address.density}
              options={DENSITIES.map((value) => ({ value, label: text.densities[value] }))}
              onChange={(density) => {
                update({ density });
              }}
            />
            <button type="button" className="button" onClick={actions.reset}>
              {text.resetColumns}
            </button>
          </div>
        </div>
      )}
    </Popover>
  );
}

function ColumnList({ address, plan, actions }: Props) {
  const layout = useLayout();
  const [focused, setFocused] = useState("");
  const shown = choicesOf(plan, address.columns).filter(({ id }) =>
    plan.segments.some((each) => each.id === id),
  );
  const hidden = LEAD_IDS.filter((id) => !shown.some((choice) => choice.id === id));
  return (
    <fieldset className="radios">
      <legend>{text.columnHelp}</legend>
      {shown.map(({ id, width, pinned }) => {
        const name = columnName(id, layout);
        return (
          <div
            key={id}
            className={focused === id ? "column-row current" : "column-row"}
            onFocus={() => {
              setFocused(id);
            }}
            onKeyDown={(event) => {
              const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
              if (step === undefined || !event.altKey) return;
              event.preventDefault();
              actions.move(id, step);
            }}
          >
            <label className="check">
              <input
                type="checkbox"
                checked
                disabled={!isLead(id) || id === "ev"}
                aria-label={text.showColumn(name)}
                onChange={() => {
                  if (isLead(id)) actions.toggleLead(id);
                }}
              />
              {name}
            </label>
            <label className="check">
              <input
                type="checkbox"
                checked={pinned}
                aria-label={text.pinColumn(name)}
                onChange={(event) => {
                  actions.pin(id, event.target.checked);
                }}
              />
              {text.pin}
            </label>
            <input
              type="number"
              min={40}
              max={600}
              step={4}
              placeholder={text.auto}
              aria-label={text.columnWidth(name)}
              value={width ?? ""}
              onChange={(event) => {
                actions.resize(id, event.target.value === "" ? null : Number(event.target.value));
              }}
            />
          </div>
        );
      })}
      {hidden.map((id) => (
        <label key={id} className="check">
          <input
            type="checkbox"
            checked={false}
            onChange={() => {
              actions.toggleLead(id);
            }}
          />
          {text.leads[id]}
        </label>
      ))}
    </fieldset>
  );
}

function columnName(id: string, layout: Layout): string {
  if (isLead(id)) return text.leads[id];
  return (
    layout.columns.find(({ key }) => key === id)?.name ??
    layout.bookmakers.find(({ code }) => code === id)?.name ??
    id
  );
}
