import type { ReactNode } from "react";
import { text } from "@text/alerts";
import { optionsOf, PageBar } from "@/components/ui/PageBar";
import { PageFooter } from "@/components/ui/PageFooter";
import { Segmented } from "@/components/ui/Segmented";
import { useShortcuts } from "@/lib/keys";
import { useQueryState, type Update } from "@/lib/queryState";
import { useVersion } from "@/lib/store/useStatus";
import { useSeen } from "@/lib/unseen";
import { FIELDS, TABS, type Filters } from "../filters";
import { AlertList } from "./AlertList";
import { RuleList } from "./RuleList";
import "./Alerts.css";

export interface TabProps {
  filters: Filters;
  update: Update<Filters>;
  /** Puts a tab's own filters and tools into the bar. */
  bar: (filters: ReactNode, tools: ReactNode) => ReactNode;
}

/** What the rules found, and the rules. */
export function Alerts() {
  const [filters, update] = useQueryState(FIELDS);
  const version = useVersion();
  useSeen("/alerts");
  useShortcuts([
    { keys: ["v"], run: () => update({ tab: TABS[(TABS.indexOf(filters.tab) + 1) % TABS.length]! }) },
  ]);
  const bar: TabProps["bar"] = (own, tools) => (
    <PageBar tools={tools}>
      <Segmented
        name={text.tabsName}
        value={filters.tab}
        options={optionsOf(TABS, text.tabs)}
        onChange={(tab) => update({ tab })}
      />
      {own}
    </PageBar>
  );
  return (
    <main className="page alerts">
      <h1 className="visually-hidden">{text.title}</h1>
      {filters.tab === "rules" ? (
        <RuleList filters={filters} update={update} bar={bar} />
      ) : (
        <AlertList key={filters.tab} filters={filters} update={update} bar={bar} />
      )}
      <PageFooter version={version}>{null}</PageFooter>
    </main>
  );
}
