import { useState } from "react";
import { text } from "@text/alerts";
import { Failure } from "@/components/ui/Failure";
import { Sheet, type SheetColumn } from "@/components/ui/Sheet";
import { useAskAgain, useRest } from "@/lib/rest";
import { NEW_RULE, shownThreshold, type Condition, type Rule, type RuleSpec } from "../alert";
import { fetchRules } from "../api/alerts";
import type { TabProps } from "./Alerts";
import { RuleEditor } from "./RuleEditor";

interface Edited {
  id: string | null;
  spec: RuleSpec;
}

/** The rules with how often each fired in 24 hours, so that noisy ones are seen. */
export function RuleList({ bar }: TabProps) {
  const { data, error, refetch } = useRest(["/api/alerts/rules"], fetchRules);
  useAskAgain(refetch);
  const [edited, setEdited] = useState<Edited | null>(null);
  const conditions = data?.conditions ?? [];
  const create = (
    <button
      type="button"
      className="button primary"
      disabled={data === undefined}
      onClick={() => setEdited({ id: null, spec: NEW_RULE })}
    >
      {text.newRule}
    </button>
  );
  return (
    <>
      {bar(null, create)}
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      <Sheet
        name={text.tabs.rules}
        columns={ruleColumns(conditions, ({ id, spec }) => setEdited({ id, spec }))}
        rows={data?.rules ?? []}
        keyOf={({ id }) => id}
        rowClass={({ spec }) => (spec.enabled ? "" : "settled")}
        onOpen={({ id, spec }) => setEdited({ id, spec })}
        loading={data === undefined && error === null}
        empty={
          <>
            <h2>{text.empty.rules}</h2>
            <p>{text.rulesWhy}</p>
          </>
        }
      />
      {edited !== null && (
        <RuleEditor
          {...edited}
          conditions={conditions}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            refetch();
          }}
        />
      )}
    </>
  );
}

function ruleColumns(conditions: readonly Condition[], edit: (rule: Rule) => void): SheetColumn<Rule>[] {
  const { ruleHead: head } = text;
  const words: Readonly<Record<string, string>> = text.conditions;
  return [
    {
      key: "name",
      name: head.name,
      width: 150,
      grow: 1.4,
      cell: ({ spec }) => spec.name,
      tip: ({ spec }) => spec.name,
    },
    {
      key: "condition",
      name: head.condition,
      width: 150,
      grow: 0.6,
      cell: ({ spec }) => words[spec.condition] ?? spec.condition,
      tip: ({ spec }) => conditions.find(({ condition }) => condition === spec.condition)?.about,
    },
    {
      key: "scope",
      name: head.scope,
      width: 150,
      grow: 1.4,
      cell: ({ spec }) => scopeText(spec),
      tip: ({ spec }) => scopeText(spec),
    },
    {
      key: "threshold",
      name: head.threshold,
      width: 110,
      end: true,
      cell: (rule) => thresholdText(rule, conditions),
    },
    {
      key: "cooldown",
      name: head.cooldown,
      width: 76,
      end: true,
      cell: ({ spec }) => text.minutes(Math.round(spec.cooldown_s / 60)),
    },
    {
      key: "quiet",
      name: head.quiet,
      width: 100,
      cell: ({ spec: { quiet_hours: quiet } }) =>
        quiet === null ? text.none : `${quiet.start}–${quiet.end}`,
    },
    {
      key: "channels",
      name: head.channels,
      width: 96,
      grow: 0.4,
      cell: ({ spec }) => spec.channels.join(", ") || text.none,
    },
    {
      key: "show",
      name: head.show,
      width: 110,
      cell: ({ spec }) => (spec.enabled ? spec.show.join(", ") || text.none : text.off),
    },
    { key: "hits", name: head.hits, width: 76, end: true, cell: ({ hits24h }) => hits24h ?? text.none },
    { key: "open", name: head.open, width: 56, end: true, cell: ({ open }) => open },
    {
      key: "edit",
      name: head.edit,
      width: 64,
      cell: (rule) => (
        <button
          type="button"
          tabIndex={-1}
          className="button"
          aria-label={text.editOf(rule.spec.name)}
          onClick={() => edit(rule)}
        >
          {head.edit}
        </button>
      ),
    },
  ];
}

function scopeText({ scope }: RuleSpec): string {
  const parts = [...scope.competitions, ...scope.markets, ...scope.bookmakers];
  if (scope.kickoff_within_min !== null) parts.push(`≤ ${text.minutes(scope.kickoff_within_min)}`);
  if (scope.kickoff_beyond_min !== null) parts.push(`≥ ${text.minutes(scope.kickoff_beyond_min)}`);
  return parts.join(", ") || text.everywhere;
}

function thresholdText({ spec, threshold, upper }: Rule, conditions: readonly Condition[]): string {
  const unit = conditions.find(({ condition }) => condition === spec.condition)?.unit ?? "";
  const units: Readonly<Record<string, string>> = text.units;
  const end = upper === null ? "" : `–${shownThreshold(upper, unit)}`;
  return `${shownThreshold(threshold, unit)}${end} ${units[unit] ?? unit}`;
}
