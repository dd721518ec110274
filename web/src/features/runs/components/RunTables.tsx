import { Link } from "wouter";
import { text } from "@text/runs";
import { Failure } from "@/components/ui/Failure";
import { Panel, Waiting } from "@/components/ui/Panel";
import { formatSpan, formatWhole } from "@/lib/format";
import { useRest } from "@/lib/rest";
import { bookmakerName } from "@/lib/store/layout";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { fetchFailures, type Failures } from "../api/failures";
import type { RunReport } from "../report";
import { PartSign, partWord } from "./Signs";

export const FAILURES = "/api/scrape/runs/{id}/events";

/** Each bookmaker's part. */
export function RunBooks({ run }: { run: RunReport }) {
  const { bookmakers } = useLayout();
  const columns = text.bookColumns;
  const isOn = run.finished_at === null;
  return (
    <Panel title={text.books}>
      <div className="scroll-x">
        <table className="data">
          <thead>
            <tr>
              <th scope="col">{columns.bookmaker}</th>
              <th scope="col">{columns.status}</th>
              {[
                columns.discovered,
                columns.delivered,
                columns.failed,
                columns.late,
                columns.unmapped,
                columns.median,
                columns.slow,
              ].map((name) => (
                <th key={name} scope="col" className="end">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {run.bookmakers.map((part) => (
              <tr key={part.bookmaker}>
                <th scope="row">{bookmakerName(bookmakers, part.bookmaker)}</th>
                <td>
                  {isOn ? (
                    "–"
                  ) : (
                    <>
                      <PartSign status={part.status} /> {partWord(part.status)}
                    </>
                  )}
                </td>
                <td className="end">{formatWhole(part.discovered)}</td>
                <td className="end">
                  {formatWhole(part.ok)}/{formatWhole(part.total)}
                </td>
                <td className={part.failed > 0 ? "end fault" : "end"}>{formatWhole(part.failed)}</td>
                <td className="end">{formatWhole(part.late)}</td>
                <td className="end">{formatWhole(part.unmapped)}</td>
                <td className="end">{part.p50_ms > 0 ? formatSpan(part.p50_ms) : "–"}</td>
                <td className="end">{part.p95_ms > 0 ? formatSpan(part.p95_ms) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** Errors by bookmaker and kind, each with one of them. */
export function RunErrors({ run }: { run: RunReport }) {
  const { bookmakers } = useLayout();
  const columns = text.errorColumns;
  return (
    <Panel title={text.errorsTitle}>
      {run.errors.length === 0 ? (
        <p className="nothing">{text.noErrors}</p>
      ) : (
        <div className="scroll-x">
          <table className="data">
            <thead>
              <tr>
                <th scope="col">{columns.bookmaker}</th>
                <th scope="col">{columns.kind}</th>
                <th scope="col" className="end">
                  {columns.count}
                </th>
                <th scope="col" className="wide">
                  {columns.sample}
                </th>
              </tr>
            </thead>
            <tbody>
              {run.errors.map(({ bookmaker, kind, count, sample }) => (
                <tr key={`${bookmaker} ${kind}`}>
                  <th scope="row">{bookmakerName(bookmakers, bookmaker)}</th>
                  <td className="fault">{kind}</td>
                  <td className="end">{formatWhole(count)}</td>
                  <td className="wide">{sample}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

/** Events that brought no prices, by name where the Board knows them. */
export function RunFailures({ run }: { run: RunReport }) {
  const { data, error, refetch } = useRest([FAILURES, run.run_id], (signal) =>
    fetchFailures(run.run_id, signal),
  );
  return (
    <Panel
      title={text.failures}
      tools={
        data !== undefined &&
        data.total > data.events.length && (
          <span className="muted">{text.failuresShown(data.events.length, data.total)}</span>
        )
      }
    >
      {error !== null && <Failure reason={error.message} onRetry={refetch} />}
      {data === undefined ? (
        error === null && <Waiting />
      ) : data.events.length === 0 ? (
        <p className="nothing">{text.noFailures}</p>
      ) : (
        <FailureTable failures={data} />
      )}
    </Panel>
  );
}

function FailureTable({ failures }: { failures: Failures }) {
  const { bookmakers } = useLayout();
  const store = useOddsStore();
  const columns = text.failureColumns;
  return (
    <div className="scroll-x">
      <table className="data">
        <thead>
          <tr>
            <th scope="col">{columns.event}</th>
            <th scope="col">{columns.bookmaker}</th>
            <th scope="col">{columns.kind}</th>
            <th scope="col" className="wide">
              {columns.detail}
            </th>
          </tr>
        </thead>
        <tbody>
          {failures.events.map(({ sportradarId, bookmaker, kind, status, detail }) => {
            const header = store.header(sportradarId);
            return (
              <tr key={`${sportradarId} ${bookmaker}`}>
                <th scope="row">
                  <Link href={`/event/${sportradarId}`}>
                    {header === null ? sportradarId : `${header.home} – ${header.away}`}
                  </Link>
                </th>
                <td>{bookmakerName(bookmakers, bookmaker)}</td>
                <td>{kind || status}</td>
                <td className="wide">{detail}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
