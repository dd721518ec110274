import { useState } from "react";
import { Link } from "wouter";
import { text } from "@text/coverage";
import { BookTag } from "@/components/odds/BookTag";
import { CsvSave } from "@/components/ui/CsvSave";
import { Failure } from "@/components/ui/Failure";
import { Pick } from "@/components/ui/PageBar";
import { Sheet, type SheetColumn } from "@/components/ui/Sheet";
import { usePreferences } from "@/lib/preferences";
import { useAskAgain, useRest } from "@/lib/rest";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { BROWSER_ZONE, clockTime, dayOf, fullTime, shortDay } from "@/lib/timezone";
import { fetchUnmapped } from "../api/fetchCoverage";
import type { Unmapped } from "../coverage";
import { UNMAPPED_CSV, unmappedCsv } from "../csv";
import { FIELDS } from "../filters";
import type { TabProps } from "./Coverage";

/** What bookmakers offer and we cannot read, the most offered first. */
export function UnmappedTab({ filters, update, bar }: TabProps) {
  const store = useOddsStore();
  const { bookmakers } = useLayout();
  const [said, setSaid] = useState("");
  const query = new URLSearchParams({
    sort: filters.usort,
    ...(filters.bk !== "" && { bookmaker: filters.bk }),
    ...(filters.q !== "" && { q: filters.q }),
  }).toString();
  const { data, error, refetch } = useRest(["/api/coverage/unmapped", query], (signal) =>
    fetchUnmapped(query, signal),
  );
  useAskAgain(refetch);
  const copy = (row: Unmapped) => {
    navigator.clipboard.writeText(JSON.stringify(row.raw, null, 2)).then(
      () => setSaid(text.copied(row.name || row.id)),
      () => setSaid(text.notCopied),
    );
  };
  const rows = data?.rows ?? [];
  const books = [
    { value: "", label: text.anyBook },
    ...bookmakers.map(({ code, name }) => ({ value: code, label: name })),
  ];
  return (
    <>
      {bar(
        <Pick label={text.bookFilter} value={filters.bk} options={books} onChange={(bk) => update({ bk })} />,
        <>
          <span role="status">{said}</span>
          {data !== undefined && (
            <span className="page-counts">{text.unmappedCount(rows.length, data.total)}</span>
          )}
          <CsvSave
            subject="coverage_unmapped"
            header={UNMAPPED_CSV}
            rows={() => unmappedCsv(rows)}
            count={rows.length}
            now={() => store.now()}
          />
        </>,
      )}
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      <Sheet
        name={text.tabs.unmapped}
        columns={useUnmappedColumns(copy)}
        rows={rows}
        keyOf={({ bookmaker, sport, id }) => `${bookmaker}/${sport}/${id}`}
        rowKeys={{ c: copy }}
        sort={filters.usort}
        onSort={(usort) => update({ usort: FIELDS.usort.read(usort) })}
        loading={data === undefined && error === null}
        empty={<h2>{text.unmappedNone}</h2>}
      />
    </>
  );
}

function useUnmappedColumns(copy: (row: Unmapped) => void): SheetColumn<Unmapped>[] {
  const zone = usePreferences().zone || BROWSER_ZONE;
  const today = dayOf(useOddsStore().now(), zone);
  const head = text.unmappedHead;
  const when = (at: number) => (dayOf(at, zone) === today ? clockTime(at, zone) : shortDay(at, zone));
  return [
    { key: "book", name: head.book, width: 60, cell: ({ bookmaker }) => <BookTag code={bookmaker} /> },
    { key: "name", name: head.name, width: 200, grow: 2, cell: ({ name }) => name, tip: ({ name }) => name },
    { key: "id", name: head.id, width: 110, grow: 0.4, cell: ({ id }) => id, tip: ({ id }) => id },
    { key: "sport", name: head.sport, width: 80, cell: ({ sport }) => sport },
    { key: "events", name: head.events, width: 66, end: true, sorts: true, cell: ({ events }) => events },
    {
      key: "outcomes",
      name: head.outcomes,
      width: 84,
      end: true,
      sorts: true,
      cell: ({ outcomes }) => outcomes,
    },
    { key: "seen", name: head.seen, width: 66, end: true, cell: ({ timesSeen }) => `${timesSeen}×` },
    {
      key: "first",
      name: head.first,
      width: 84,
      cell: ({ firstSeenAt }) => when(firstSeenAt),
      tip: ({ firstSeenAt }) => fullTime(firstSeenAt, zone),
    },
    {
      key: "last_seen",
      name: head.last,
      width: 84,
      sorts: true,
      cell: ({ lastSeenAt }) => when(lastSeenAt),
      tip: ({ lastSeenAt }) => fullTime(lastSeenAt, zone),
    },
    {
      key: "sample",
      name: head.sample,
      width: 170,
      grow: 1.2,
      cell: ({ sample }) =>
        sample !== null && (
          <Link tabIndex={-1} href={`/event/${sample.id}`}>
            {sample.home} – {sample.away}
          </Link>
        ),
    },
    {
      key: "copy",
      name: head.copy,
      width: 76,
      cell: (row) => (
        <button
          type="button"
          tabIndex={-1}
          className="button"
          aria-label={text.copyOf(row.name || row.id)}
          onClick={() => copy(row)}
        >
          {text.copy}
        </button>
      ),
    },
  ];
}
