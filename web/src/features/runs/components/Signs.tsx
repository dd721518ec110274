import { text } from "@text/runs";
import { shortName } from "@/lib/bookmakers";
import { formatWhole } from "@/lib/format";
import { bookmakerName } from "@/lib/store/layout";
import { useLayout } from "@/lib/store/useOdds";
import type { RunBookmakerWire } from "@/types/wire";
import type { RunState } from "../report";

const SIGNS: Readonly<Record<RunState, readonly [sign: string, tone: string]>> = {
  pending: ["○", "quiet"],
  running: ["↻", "busy"],
  stalled: ["▲", "fault"],
  completed: ["●", "ok"],
  partial: ["■", "warn"],
  failed: ["▲", "fault"],
  connection_failed: ["▲", "fault"],
};

/** A run's state in shape and word. */
export function StateSign({ state }: { state: RunState }) {
  const [sign, tone] = SIGNS[state];
  return (
    <span>
      <i className={`sign ${tone}`} aria-hidden="true">
        {sign}
      </i>{" "}
      {text.status[state]}
    </span>
  );
}

const PART_SIGNS: Readonly<Record<string, readonly [sign: string, tone: string]>> = {
  ok: ["●", "ok"],
  partial: ["■", "warn"],
  failed: ["▲", "fault"],
  unreachable: ["▲", "fault"],
};

export function partWord(status: string): string {
  return text.bookStatus[status] ?? status;
}

export function PartSign({ status }: { status: string }) {
  const [sign, tone] = PART_SIGNS[status] ?? ["○", "quiet"];
  return (
    <i className={`sign ${tone}`} aria-hidden="true">
      {sign}
    </i>
  );
}

/** One bookmaker's part of a run in a few characters. */
export function PartChip({ part }: { part: RunBookmakerWire }) {
  const { bookmakers } = useLayout();
  const { bookmaker, status, ok, total, failed } = part;
  const said = text.chip(
    bookmakerName(bookmakers, bookmaker),
    partWord(status),
    formatWhole(ok),
    formatWhole(total),
    formatWhole(failed),
  );
  return (
    <span className="part-chip" title={said}>
      <PartSign status={status} />
      <span aria-hidden="true">
        {shortName(bookmaker)}
        {failed > 0 && <span className="fault"> {formatWhole(failed)}</span>}
      </span>
      <span className="visually-hidden">{said}</span>
    </span>
  );
}
