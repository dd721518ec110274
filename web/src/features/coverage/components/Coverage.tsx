import { useRef, type ReactNode } from "react";
import { text } from "@text/coverage";
import { Segmented } from "@/components/ui/Segmented";
import { optionsOf, PageBar, PageSearch } from "@/components/ui/PageBar";
import { PageFooter } from "@/components/ui/PageFooter";
import { useShortcuts } from "@/lib/keys";
import { useQueryState, type Update } from "@/lib/queryState";
import { useVersion } from "@/lib/store/useStatus";
import { FIELDS, TABS, type Filters } from "../filters";
import { EventsTab } from "./EventsTab";
import { MarketsTab } from "./MarketsTab";
import { UnmappedTab } from "./UnmappedTab";
import "./Coverage.css";

export interface TabProps {
  filters: Filters;
  update: Update<Filters>;
  /** Puts a tab's own filters and tools into the bar. */
  bar: (filters: ReactNode, tools: ReactNode) => ReactNode;
}

/** What do rivals offer that I do not, and the reverse? */
export function Coverage() {
  const [filters, update] = useQueryState(FIELDS);
  const field = useRef<HTMLInputElement>(null);
  const version = useVersion();
  useShortcuts([
    {
      keys: ["v"],
      run: () => update({ tab: TABS[(TABS.indexOf(filters.tab) + 1) % TABS.length]!, q: "" }),
    },
  ]);
  const bar: TabProps["bar"] = (own, tools) => (
    <PageBar tools={tools}>
      <Segmented
        name={text.tabsName}
        value={filters.tab}
        options={optionsOf(TABS, text.tabs)}
        onChange={(tab) => update({ tab, q: "" })}
      />
      <PageSearch
        label={text.search[filters.tab]}
        field={field}
        value={filters.q}
        onChange={(q) => update({ q })}
      />
      {own}
    </PageBar>
  );
  const Tab = { events: EventsTab, markets: MarketsTab, unmapped: UnmappedTab }[filters.tab];
  return (
    <main className="page coverage">
      <h1 className="visually-hidden">{text.title}</h1>
      <Tab filters={filters} update={update} bar={bar} />
      <PageFooter version={version}>{null}</PageFooter>
    </main>
  );
}
