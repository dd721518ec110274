import { useId, useState } from "react";
import { text } from "@text/palette";
import { Dialog } from "@/components/ui/Dialog";
import { commandsOffered } from "@/lib/commands";
import type { Page } from "@/lib/pages";
import { useOddsStore } from "@/lib/store/useOdds";
import { findings } from "../findings";
import "./Palette.css";

interface Props {
  pages: readonly Page[];
  go: (path: string) => void;
  onClose: () => void;
}

/** Everything by its name: events, leagues, pages, actions. */
export function Palette({ pages, go, onClose }: Props) {
  const store = useOddsStore();
  const list = useId();
  const [commands] = useState(commandsOffered);
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const found = findings(query, { store, pages, commands }, go);
  const at = Math.min(place, found.length - 1);
  const run = (index: number) => {
    const finding = found[index];
    if (finding === undefined) return;
    onClose();
    finding.run();
  };
  return (
    <Dialog title={text.title} onClose={onClose}>
      <div className="palette">
        <input
          type="text"
          data-first-focus
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={found[at] === undefined ? undefined : `${list}-${at}`}
          aria-label={text.placeholder}
          placeholder={text.placeholder}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setPlace(0);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step === undefined && event.key !== "Enter") return;
            event.preventDefault();
            if (step === undefined) run(at);
            else setPlace((at + step + found.length) % Math.max(1, found.length));
          }}
        />
        <ul id={list} role="listbox" aria-label={text.results}>
          {found.map(({ kind, id, name, hint }, index) => (
            <li
              key={id}
              id={`${list}-${index}`}
              ref={(element) => {
                if (index === at) element?.scrollIntoView({ block: "nearest" });
              }}
              role="option"
              aria-selected={index === at}
              onClick={() => {
                run(index);
              }}
            >
              <span className="choice-name">{name}</span>
              <span className="choice-hint">{hint}</span>
              <span className="choice-count">{text.kinds[kind]}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && <p className="choices-none">{text.nothing(query)}</p>}
        <p className="palette-hint">{text.hint}</p>
      </div>
    </Dialog>
  );
}
