import { useState } from "react";
import { text } from "@text/ui";
import { searchable } from "@/lib/text";
import "./ChoiceList.css";

interface Item {
  value: string;
  name: string;
  hint: string;
  count: number;
}

interface Props {
  name: string;
  items: readonly Item[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** Some of many: a searchable list of check boxes with counts; what is chosen stands first. */
export function ChoiceList({ name, items, chosen, onChange }: Props) {
  const [query, setQuery] = useState("");
  const [first] = useState(() => new Set(chosen)); // the order stays while the list is open
  const wanted = searchable(query);
  const shown = items
    .filter((item) => searchable(`${item.name} ${item.hint}`).includes(wanted))
    .sort((a, b) => Number(first.has(b.value)) - Number(first.has(a.value)));
  return (
    <div className="choices">
      <input
        type="search"
        placeholder={text.find(name)}
        aria-label={text.find(name)}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
        }}
      />
      <ul>
        {shown.map((item) => (
          <li key={item.value}>
            <label>
              <input
                type="checkbox"
                checked={chosen.includes(item.value)}
                onChange={(event) => {
                  onChange(
                    event.target.checked
                      ? [...chosen, item.value]
                      : chosen.filter((value) => value !== item.value),
                  );
                }}
              />
              <span className="choice-name">{item.name}</span>
              <span className="choice-hint">{item.hint}</span>
              <span className="choice-count">{item.count}</span>
            </label>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="choices-none">{text.nothingLike(query)}</p>}
      {chosen.length > 0 && (
        <button
          type="button"
          className="button"
          onClick={() => {
            onChange([]);
          }}
        >
          {text.clear(chosen.length)}
        </button>
      )}
    </div>
  );
}
