import { useRef, type ReactNode } from "react";
import { text } from "@text/movements";
import { useBookName } from "@/components/odds/BookTag";
import { Choices } from "@/components/ui/Choices";
import { optionsOf, PageBar, PageSearch, Pick } from "@/components/ui/PageBar";
import { Segmented } from "@/components/ui/Segmented";
import type { Update } from "@/lib/queryState";
import { leagueChoice, marketChoice } from "@/lib/wire/marketRef";
import { KIND_FILTERS, MIN_MOVES, WHO, WINDOWS, type Filters } from "../filters";
import type { Movement } from "../movement";

interface Props {
  filters: Filters;
  update: Update<Filters>;
  all: readonly Movement[];
  tools: ReactNode;
  children: ReactNode;
}

/** Whose moves, how far back, how large, where. */
export function FilterBar({ filters, update, all, tools, children }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const nameOf = useBookName();
  const books = () =>
    all.flatMap(({ moves }) =>
      [...new Set(moves.map(({ bookmaker }) => bookmaker))].map((value) => ({
        value,
        name: nameOf(value),
        hint: "",
      })),
    );
  return (
    <PageBar tools={tools}>
      <PageSearch label={text.search} field={field} value={filters.q} onChange={(q) => update({ q })} />
      <Segmented
        name={text.whose}
        value={filters.who}
        options={optionsOf(WHO, text.who)}
        onChange={(who) => update({ who })}
      />
      <Pick
        label={text.window}
        value={filters.win}
        options={optionsOf(WINDOWS, text.windows)}
        onChange={(win) => update({ win })}
      />
      <Pick
        label={text.min}
        value={filters.min}
        options={optionsOf(MIN_MOVES, text.minMoves)}
        onChange={(min) => update({ min })}
      />
      <Pick
        label={text.kind}
        value={filters.kind}
        options={optionsOf(KIND_FILTERS, text.kinds)}
        onChange={(kind) => update({ kind })}
      />
      <Choices
        label={text.markets}
        chosen={filters.mk}
        found={() => all.map(marketChoice)}
        onChange={(mk) => update({ mk })}
      />
      <Choices label={text.books} chosen={filters.bk} found={books} onChange={(bk) => update({ bk })} />
      <Choices
        label={text.leagues}
        chosen={filters.comp}
        found={() => all.flatMap(leagueChoice)}
        onChange={(comp) => update({ comp })}
      />
      {children}
    </PageBar>
  );
}
