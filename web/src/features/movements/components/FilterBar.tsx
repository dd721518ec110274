import { useRef, type ReactNode } from "react";
import { text } from "@text/movements";
import { useBookName } from "@/components/odds/BookTag";
import { ChoiceList } from "@/components/ui/ChoiceList";
import { PageBar, PageSearch, Pick } from "@/components/ui/PageBar";
import { Popover } from "@/components/ui/Popover";
import { Segmented } from "@/components/ui/Segmented";
import type { Update } from "@/lib/queryState";
import { useLayout } from "@/lib/store/useOdds";
import { KIND_FILTERS, MIN_MOVES, WHO, WINDOWS, type Filters } from "../filters";
import type { Movement } from "../movement";

interface Props {
  filters: Filters;
  update: Update<Filters>;
  all: readonly Movement[];
  tools: ReactNode;
  children: ReactNode;
}

const options = <T extends string>(values: readonly T[], words: Readonly<Record<T, string>>) =>
  values.map((value) => ({ value, label: words[value] }));

/** Whose moves, how far back, how large, where. */
export function FilterBar({ filters, update, all, tools, children }: Props) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <PageBar tools={tools}>
      <PageSearch label={text.search} field={field} value={filters.q} onChange={(q) => update({ q })} />
      <Segmented
        name={text.whose}
        value={filters.who}
        options={options(WHO, text.who)}
        onChange={(who) => update({ who })}
      />
      <Pick
        label={text.window}
        value={filters.win}
        options={options(WINDOWS, text.windows)}
        onChange={(win) => update({ win })}
      />
      <Pick
        label={text.min}
        value={filters.min}
        options={options(MIN_MOVES, text.minMoves)}
        onChange={(min) => update({ min })}
      />
      <Pick
        label={text.kind}
        value={filters.kind}
        options={options(KIND_FILTERS, text.kinds)}
        onChange={(kind) => update({ kind })}
      />
      <Choices filters={filters} update={update} all={all} />
      {children}
    </PageBar>
  );
}

function Choices({ filters, update, all }: Pick3) {
  const layout = useLayout();
  const nameOf = useBookName();
  const choices = (key: (row: Movement) => readonly [string, string, string][]) => {
    const counted = new Map<string, { value: string; name: string; hint: string; count: number }>();
    for (const row of all)
      for (const [value, name, hint] of key(row)) {
        const item = counted.get(value) ?? { value, name, hint, count: 0 };
        item.count++;
        counted.set(value, item);
      }
    return [...counted.values()].sort((a, b) => a.name.localeCompare(b.name));
  };
  const books = () => {
    const found = choices((row) =>
      [...new Set(row.moves.map(({ bookmaker }) => bookmaker))].map((code) => [code, nameOf(code), ""]),
    );
    const missing = layout.bookmakers.filter(({ code }) => !found.some(({ value }) => value === code));
    return [...found, ...missing.map(({ code, name }) => ({ value: code, name, hint: "", count: 0 }))];
  };
  return (
    <>
      <Choice
        label={text.markets}
        chosen={filters.mk}
        onChange={(mk) => update({ mk })}
        items={() =>
          choices((row) => [
            [row.marketId, row.line === "" ? row.market : row.market.replace(` ${row.line}`, ""), ""],
          ])
        }
      />
      <Choice label={text.books} chosen={filters.bk} onChange={(bk) => update({ bk })} items={books} />
      <Choice
        label={text.leagues}
        chosen={filters.comp}
        onChange={(comp) => update({ comp })}
        items={() =>
          choices(({ competition }) =>
            competition === null ? [] : [[competition.id, competition.name, competition.country]],
          )
        }
      />
    </>
  );
}

type Pick3 = { filters: Filters; update: Update<Filters>; all: readonly Movement[] };

function Choice(props: {
  label: string;
  chosen: readonly string[];
  items: () => { value: string; name: string; hint: string; count: number }[];
  onChange: (chosen: readonly string[]) => void;
}) {
  const { label, chosen, items, onChange } = props;
  const listed = () => {
    const found = items();
    // What is chosen can be taken back, also where nothing of it moved.
    const absent = chosen.filter((each) => !found.some(({ value }) => value === each));
    return [...found, ...absent.map((value) => ({ value, name: value, hint: "", count: 0 }))];
  };
  return (
    <Popover
      caret
      label={chosen.length > 0 ? text.some(label, chosen.length) : label}
      name={label}
      active={chosen.length > 0}
    >
      {() => <ChoiceList name={label.toLowerCase()} items={listed()} chosen={chosen} onChange={onChange} />}
    </Popover>
  );
}
