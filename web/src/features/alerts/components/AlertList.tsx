import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import { text } from "@text/alerts";
import { BookTag } from "@/components/odds/BookTag";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { Pick } from "@/components/ui/PageBar";
import { Sheet, type SheetColumn } from "@/components/ui/Sheet";
import { useRows } from "@/lib/live/useWebSocket";
import { usePreferences } from "@/lib/preferences";
import { useAskAgain, useRest } from "@/lib/rest";
import { useOddsStore } from "@/lib/store/useOdds";
import { BROWSER_ZONE, clockTime, dayOf, fullTime, shortDay } from "@/lib/timezone";
import { eventPath } from "@/lib/wire/marketRef";
import { decodeAlert, withPushed, type Alert } from "../alert";
import { acknowledge, fetchAlerts, fetchRules, snooze, type SnoozeFor } from "../api/alerts";
import { alertsCsv, CSV_COLUMNS } from "../csv";
import type { TabProps } from "./Alerts";

const SNOOZES: readonly SnoozeFor[] = ["15", "60", "kickoff"];

/** Alerts that are open, or all that are kept, the newest first. */
export function AlertList({ filters, update, bar }: TabProps) {
  const [, go] = useLocation();
  const store = useOddsStore();
  const zone = usePreferences().zone || BROWSER_ZONE;
  const [refusal, setRefusal] = useState("");
  const list = useAlerts(filters);
  const act = (doing: Promise<void>) => {
    setRefusal("");
    doing.then(list.refetch, (error: unknown) =>
      setRefusal(text.failed(error instanceof Error ? error.message : String(error))),
    );
  };
  const isOpen = ({ resolvedAt }: Alert) => resolvedAt === null;
  return (
    <>
      {bar(
        <Filters filters={filters} update={update} rows={list.rows} />,
        <>
          {list.data !== undefined && (
            <span className="page-counts">
              {text.counts(list.rows.length, Math.max(list.data.total, list.rows.length))}
            </span>
          )}
          <CsvSave
            subject="alerts"
            header={CSV_COLUMNS}
            rows={() => alertsCsv(list.rows, zone)}
            count={list.rows.length}
            now={() => store.now()}
          />
        </>,
      )}
      {list.error !== null && <Failure reason={list.error.message} onRetry={list.refetch} />}
      {refusal !== "" && (
        <p className="refusal fault" role="alert">
          {refusal}
        </p>
      )}
      <Sheet
        name={text.tabs[filters.tab]}
        columns={alertColumns(zone, dayOf(store.now(), zone), act)}
        rows={list.rows}
        keyOf={({ id }) => id}
        rowClass={({ resolvedAt, acknowledgedAt }) =>
          resolvedAt === null && acknowledgedAt === null ? "" : "settled"
        }
        onOpen={(row) => row.eventId !== "" && go(eventPath(row))}
        rowKeys={{
          a: (row) => isOpen(row) && act(acknowledge(row.id)),
          z: (row) => isOpen(row) && act(snooze(row.id, "15")),
        }}
        loading={list.data === undefined && list.error === null}
        empty={
          <>
            <h2>{filters.tab === "open" ? text.empty.open : text.empty.all}</h2>
            <p>
              {text.alertsWhy} <Link href="/alerts?tab=rules">{text.toRules}</Link>
            </p>
          </>
        }
      />
    </>
  );
}

function useAlerts({ tab, rule, comp }: TabProps["filters"]) {
  const query = new URLSearchParams({
    state: tab,
    page_size: "500",
    ...(rule !== "" && { rule }),
    ...(comp !== "" && { competition: comp }),
  }).toString();
  const { data, error, refetch } = useRest(["/api/alerts", query], (signal) => fetchAlerts(query, signal));
  useAskAgain(refetch);
  const [pushed, setPushed] = useState<ReadonlyMap<string, Alert>>(new Map());
  useRows("alerts", (body) => {
    const alert = decodeAlert(body);
    setPushed((before) => new Map(before).set(alert.id, alert));
  });
  const rows = useMemo(() => {
    const wanted = [...pushed].filter(
      ([, alert]) => (rule === "" || alert.ruleId === rule) && (comp === "" || alert.competitionId === comp),
    );
    return withPushed(data?.rows ?? [], new Map(wanted), tab === "open");
  }, [data, pushed, rule, comp, tab]);
  return { data, error, refetch, rows };
}

function Filters({ filters, update, rows }: Omit<TabProps, "bar"> & { rows: readonly Alert[] }) {
  const store = useOddsStore();
  const rules = useRest(["/api/alerts/rules"], fetchRules).data?.rules ?? [];
  const names = new Map<string, string>();
  for (const { competition } of store.events())
    names.set(competition.id, `${competition.name} (${competition.country})`);
  const leagues = new Set(rows.map(({ competitionId }) => competitionId).filter(Boolean));
  if (filters.comp !== "") leagues.add(filters.comp);
  const ruleOptions = new Map(rules.map(({ id, spec }) => [id, spec.name]));
  if (filters.rule !== "" && !ruleOptions.has(filters.rule)) ruleOptions.set(filters.rule, filters.rule);
  return (
    <>
      <Pick
        label={text.rule}
        value={filters.rule}
        options={[
          { value: "", label: text.anyRule },
          ...[...ruleOptions].map(([value, label]) => ({ value, label })),
        ]}
        onChange={(rule) => update({ rule })}
      />
      <Pick
        label={text.league}
        value={filters.comp}
        options={[
          { value: "", label: text.anyLeague },
          ...[...leagues].map((value) => ({ value, label: names.get(value) ?? value })),
        ]}
        onChange={(comp) => update({ comp })}
      />
    </>
  );
}

function alertColumns(
  zone: string,
  today: string,
  act: (doing: Promise<void>) => void,
): SheetColumn<Alert>[] {
  const { head } = text;
  return [
    {
      key: "opened",
      name: head.opened,
      width: 84,
      cell: ({ openedAt }) =>
        dayOf(openedAt, zone) === today ? clockTime(openedAt, zone) : shortDay(openedAt, zone),
      tip: ({ openedAt }) => fullTime(openedAt, zone),
    },
    {
      key: "rule",
      name: head.rule,
      width: 110,
      grow: 0.6,
      cell: ({ rule }) => rule,
      tip: ({ rule }) => rule,
    },
    {
      key: "what",
      name: head.what,
      width: 240,
      grow: 2,
      cell: ({ title }) => title,
      tip: ({ title, detail }) => [title, detail].filter(Boolean).join("\n"),
    },
    {
      key: "book",
      name: head.book,
      width: 56,
      cell: ({ bookmaker }) => (bookmaker === "" ? text.none : <BookTag code={bookmaker} />),
    },
    {
      key: "state",
      name: head.state,
      width: 150,
      grow: 0.4,
      cell: (row) => stateOf(row, zone),
      tip: (row) => stateOf(row, zone),
    },
    {
      key: "sent",
      name: head.sent,
      width: 150,
      grow: 0.6,
      cell: deliveryText,
      tip: ({ deliveries }) =>
        deliveries
          .map(({ lastError }) => lastError)
          .filter(Boolean)
          .join("\n") || undefined,
    },
    {
      key: "act",
      name: head.act,
      width: 210,
      cell: (row) => row.resolvedAt === null && <Actions row={row} act={act} />,
    },
  ];
}

function stateOf(
  { resolvedAt, resolvedBy, snoozedUntil, acknowledgedAt, acknowledgedBy }: Alert,
  zone: string,
): string {
  const { states } = text;
  if (resolvedAt !== null) {
    const why = resolvedBy === "started" || resolvedBy === "rule" ? resolvedBy : "ended";
    return `${states[why]} ${clockTime(resolvedAt, zone)}`;
  }
  if (snoozedUntil !== null) return states.snoozed(clockTime(snoozedUntil, zone));
  return acknowledgedAt === null ? states.open : states.acknowledged(acknowledgedBy);
}

function deliveryText({ deliveries }: Alert): string {
  const words: Readonly<Record<string, string>> = text.deliveryStates;
  return (
    deliveries.map(({ channel, state }) => `${channel} ${words[state] ?? state}`).join(", ") || text.none
  );
}

function Actions({ row, act }: { row: Alert; act: (doing: Promise<void>) => void }) {
  return (
    <span className="acts">
      <button
        type="button"
        tabIndex={-1}
        className="button"
        disabled={row.acknowledgedAt !== null}
        aria-label={text.acknowledgeOf(row.title)}
        onClick={() => act(acknowledge(row.id))}
      >
        {text.acknowledge}
      </button>
      <select
        tabIndex={-1}
        aria-label={text.snoozeOf(row.title)}
        value=""
        onChange={(event) => act(snooze(row.id, event.target.value as SnoozeFor))}
      >
        <option value="" disabled>
          {text.snooze}
        </option>
        {SNOOZES.filter((each) => each !== "kickoff" || row.kickoffAt !== null).map((each) => (
          <option key={each} value={each}>
            {text.snoozes[each]}
          </option>
        ))}
      </select>
    </span>
  );
}
