import type { ReactNode, RefObject } from "react";
import { text } from "@text/ui";
import { useShortcuts } from "@/lib/keys";
import "./PageBar.css";

/** What a page shows and what can be done with it; `tools` stand at the end. */
export function PageBar({ children, tools }: { children: ReactNode; tools: ReactNode }) {
  return (
    <div className="page-bar" role="search">
      {children}
      <div className="page-tools">{tools}</div>
    </div>
  );
}

interface SearchProps {
  label: string;
  value: string;
  field: RefObject<HTMLInputElement | null>;
  onChange: (value: string) => void;
}

/** The page's search, reached with "/"; Escape and Enter leave it. */
export function PageSearch({ label, value, field, onChange }: SearchProps) {
  useShortcuts([{ keys: ["/"], run: () => field.current?.focus() }]);
  return (
    <input
      ref={field}
      type="search"
      placeholder={`${text.search} /`}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}

interface PickProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few under a name of its own. */
export function Pick<T extends string>({ label, value, options, onChange }: PickProps<T>) {
  return (
    <label className="pick">
      {label}
      <select value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A filter that is on, with the means to take it off. */
export function FilterChip({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <button type="button" className="chip" aria-label={text.removeFilter(name)} onClick={onRemove}>
      {name} <span aria-hidden="true">✕</span>
    </button>
  );
}

export function optionsOf<T extends string>(
  values: readonly T[],
  words: Readonly<Record<T, string>>,
): readonly { value: T; label: string }[] {
  return values.map((value) => ({ value, label: words[value] }));
}
