import { text } from "@text/movements";
import { BookTag } from "@/components/odds/BookTag";
import type { SheetColumn } from "@/components/ui/Sheet";
import { formatAge, formatOdds, type OddsFormat } from "@/lib/format";
import { clockTime, clockTimeWithSeconds, dayOf, fullTime, shortDay } from "@/lib/timezone";
import { teams } from "@/lib/wire/marketRef";
import type { Movement, MovementLine, OutcomeMove } from "../movement";

export interface MovementRow {
  movement: Movement;
  line: MovementLine;
}

interface Look {
  zone: string;
  format: OddsFormat;
  /** By the server's clock. */
  now: number;
  nameOf: (code: string) => string;
}

export function movementColumns({ zone, format, now, nameOf }: Look): SheetColumn<MovementRow>[] {
  const odds = (price: number | null) => (price === null ? text.none : formatOdds(price, format));
  return [
    {
      key: "time",
      name: text.head.time,
      width: 64,
      cell: ({ line }) =>
        dayOf(line.lead.at, zone) === dayOf(now, zone)
          ? clockTime(line.lead.at, zone)
          : shortDay(line.lead.at, zone),
      tip: ({ line }) => fullTime(line.lead.at, zone),
    },
    {
      key: "event",
      name: text.head.event,
      width: 190,
      grow: 2,
      cell: ({ movement }) => <EventName movement={movement} zone={zone} />,
      tip: ({ movement: { competition, kickoffAt } }) =>
        [
          competition?.name,
          competition?.country,
          kickoffAt === null ? "" : text.kickoff(fullTime(kickoffAt, zone)),
        ]
          .filter(Boolean)
          .join(" · "),
    },
    {
      key: "market",
      name: text.head.market,
      width: 130,
      grow: 1.2,
      cell: (row) => marketName(row),
      tip: marketName,
    },
    {
      key: "who",
      name: text.head.who,
      width: 56,
      cell: ({ line }) => <BookTag code={line.lead.bookmaker} />,
    },
    {
      key: "from",
      name: text.head.from,
      width: 116,
      end: true,
      cell: ({ line }) => `${odds(line.outcome.from)} → ${odds(line.outcome.to)}`,
    },
    {
      key: "move",
      name: text.head.move,
      width: 112,
      end: true,
      cell: ({ line }) => <Size line={line} />,
    },
    {
      key: "others",
      name: text.head.others,
      width: 150,
      grow: 1.2,
      cell: ({ line, movement }) => <Others line={line} movement={movement} odds={odds} zone={zone} />,
      tip: ({ line }) =>
        line.others
          .map(
            ({ bookmaker, at, to }) => `${nameOf(bookmaker)} ${odds(to)} ${clockTimeWithSeconds(at, zone)}`,
          )
          .join(", ") || undefined,
    },
    {
      key: "own",
      name: text.head.own,
      width: 68,
      end: true,
      cell: ({ line }) => odds(line.own),
      className: () => "own",
    },
    {
      key: "unanswered",
      name: text.head.unanswered,
      width: 124,
      end: true,
      cell: ({ line }) => <Answer line={line} now={now} />,
      tip: ({ line: { waiting } }) =>
        waiting === null
          ? undefined
          : text.waitingSince(nameOf(waiting.bookmaker), clockTime(waiting.since, zone)),
    },
  ];
}

function marketName({ movement, line }: MovementRow): string {
  if (line.lead.kind !== "price" && line.lead.kind !== "flicker") return movement.market;
  const more = line.lead.outcomes.length - 1;
  return `${movement.market} · ${line.outcome.name}${more > 0 ? ` ${text.outcomesToo(more)}` : ""}`;
}

function EventName({ movement, zone }: { movement: Movement; zone: string }) {
  return (
    <>
      {teams(movement)}{" "}
      {movement.kickoffAt !== null && <span className="muted">{clockTime(movement.kickoffAt, zone)}</span>}
    </>
  );
}

function Size({ line: { lead, outcome } }: { line: MovementLine }) {
  if (lead.kind === "flicker") return <span className="muted">{text.flicker(lead.flickers)}</span>;
  if (lead.kind !== "price") return <span className={`kind ${lead.kind}`}>{text.kinds[lead.kind]}</span>;
  return <Change change={outcome.change} />;
}

function Change({ change }: Pick<OutcomeMove, "change">) {
  if (change === null) return text.none;
  return (
    <span className={change > 0 ? "above" : "below"}>
      <span aria-hidden="true">{change > 0 ? "▲" : "▼"}</span>
      <span className="visually-hidden">{change > 0 ? text.up : text.down}</span>{" "}
      {Math.abs(change * 100).toFixed(1)} %
    </span>
  );
}

function Others(props: {
  line: MovementLine;
  movement: Movement;
  odds: (price: number | null) => string;
  zone: string;
}) {
  const { line, movement, odds, zone } = props;
  const { steam } = movement;
  return (
    <span className="others">
      {steam !== null && (
        <b className="steam" title={text.steamWhy(steam.bookmakers.join(", "), steam.direction)}>
          {text.steam}
        </b>
      )}
      {line.others.map(({ bookmaker, at, change, to, kind }) => (
        <span key={bookmaker}>
          <BookTag code={bookmaker} />{" "}
          {kind === "price" || kind === "flicker" ? (
            <span className={(change ?? 0) > 0 ? "above" : "below"}>
              <span aria-hidden="true">{(change ?? 0) > 0 ? "▲" : "▼"}</span> {odds(to)}
            </span>
          ) : (
            text.kinds[kind]
          )}{" "}
          <span className="muted">{clockTime(at, zone)}</span>
        </span>
      ))}
      {line.others.length === 0 && steam === null && text.none}
    </span>
  );
}

function Answer({ line: { waiting, answered }, now }: { line: MovementLine; now: number }) {
  if (waiting !== null)
    return (
      <span className="unanswered">
        {formatAge(now - waiting.since)} <i aria-hidden="true">●</i>
      </span>
    );
  if (answered === null) return text.none;
  const words: Readonly<Record<string, string>> = text.answered;
  return <span className="muted">{words[answered.answeredBy ?? ""] ?? text.none}</span>;
}
