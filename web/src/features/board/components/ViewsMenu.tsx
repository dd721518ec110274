import { useState } from "react";
import { text } from "@text/board";
import { Popover } from "@/components/ui/Popover";
import { useStoredList } from "@/lib/storedList";
import { defaultAddress, formatAddress, parseAddress } from "../address";
import { deleteView, namedViews, saveView, switchDefault } from "../views";
import { preferences } from "@/lib/preferences";
import type { PartProps } from "./FilterBar";

/** Screens that the trader gave a name, each a link. */
export function ViewsMenu({ address, update, onSay }: PartProps & { onSay: (words: string) => void }) {
  const views = useStoredList(namedViews);
  const query = formatAddress({ ...address, event: "", panel: "" });
  const current = views.find((view) => view.query === query);
  const open = (wanted: string) => {
    update(parseAddress(wanted, preferences()));
  };
  return (
    <Popover
      caret
      label={current?.name ?? text.savedViews}
      name={text.savedViews}
      align="end"
      active={current !== undefined}
    >
      {() => (
        <div className="views-menu">
          {views.length === 0 && <p>{text.noViews}</p>}
          <ul>
            {views.map((view) => (
              <li key={view.name}>
                <button
                  type="button"
                  className="view-name"
                  aria-pressed={view.query === query}
                  onClick={() => {
                    open(view.query);
                  }}
                >
                  {view.name}
                </button>
                <button
                  type="button"
                  className="button"
                  aria-pressed={view.isDefault}
                  aria-label={text.makeDefault(view.name)}
                  title={text.makeDefault(view.name)}
                  onClick={() => {
                    switchDefault(view.name);
                  }}
                >
                  {view.isDefault ? "★" : "☆"}
                </button>
                <button
                  type="button"
                  className="button"
                  aria-label={text.deleteView(view.name)}
                  title={text.deleteView(view.name)}
                  onClick={() => {
                    deleteView(view.name);
                  }}
                >
                  ✕
                </button>
              </li>
            ))}
          </ul>
          <SaveForm query={query} suggested={current?.name ?? ""} />
          <button type="button" className="button" onClick={() => void copyLink(query, onSay)}>
            {text.copyLink}
          </button>
          <button
            type="button"
            className="button"
            onClick={() => {
              update(defaultAddress(preferences()));
            }}
          >
            {text.resetScreen}
          </button>
        </div>
      )}
    </Popover>
  );
}

function SaveForm({ query, suggested }: { query: string; suggested: string }) {
  const [name, setName] = useState(suggested);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") saveView(name.trim(), query);
      }}
    >
      <input
        type="text"
        maxLength={40}
        placeholder={text.saveViewAs}
        aria-label={text.viewName}
        value={name}
        onChange={(event) => {
          setName(event.target.value);
        }}
      />
      <button type="submit" className="button primary" disabled={name.trim() === ""}>
        {text.saveView}
      </button>
    </form>
  );
}

async function copyLink(query: string, onSay: (words: string) => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(`${window.location.origin}/${query === "" ? "" : `?${query}`}`);
    onSay(text.copied);
  } catch {
    onSay(text.copyFailed);
  }
}
