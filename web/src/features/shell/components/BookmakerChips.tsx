import { Link } from "wouter";
import { text } from "@text/shell";
import { Popover } from "@/components/ui/Popover";
import { shortName } from "@/lib/bookmakers";
import { formatAge } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import type { Bookmaker } from "@/lib/store/layout";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useRuns, useSources } from "@/lib/store/useStatus";
import { BROWSER_ZONE, fullTime } from "@/lib/timezone";
import { useNow } from "@/lib/useNow";
import type { SourceState } from "@/types/wire";

/** One chip per bookmaker: whether it answers and how old its newest prices are. */
export function BookmakerChips() {
  const layout = useLayout();
  return layout.bookmakers.map((bookmaker, index) => (
    <BookmakerChip key={bookmaker.code} bookmaker={bookmaker} index={index} />
  ));
}

interface Standing {
  shape: string;
  tone: string;
  word: string;
}

function standing(state: SourceState | undefined, stale: boolean): Standing {
  const words = text.standing;
  if (state === "off") return { shape: "○", tone: "quiet", word: words.off };
  if (state === "refused" || state === "down") return { shape: "▲", tone: "fault", word: words[state] };
  if (stale) return { shape: "■", tone: "warn", word: words.stale };
  if (state === "lagging" || state === "recovering") return { shape: "■", tone: "warn", word: words[state] };
  return { shape: "●", tone: "ok", word: words.fresh };
}

function BookmakerChip({ bookmaker, index }: { bookmaker: Bookmaker; index: number }) {
  useNow();
  const store = useOddsStore();
  const source = useSources()[bookmaker.code];
  const at = store.latestConfirmation(index);
  const age = at === null ? null : store.now() - at;
  const { shape, tone, word } =
    age === null && source?.state !== "off" && source?.state !== "down" && source?.state !== "refused"
      ? { shape: "○", tone: "quiet", word: text.standing.none }
      : standing(source?.state, age !== null && age > store.staleAfterMs);
  const label = (
    <>
      <i className={tone} aria-hidden="true">
        {shape}
      </i>
      <span className="chip-name">{bookmaker.name}</span>
      <span className="chip-short" aria-hidden="true">
        {shortName(bookmaker.code)}
      </span>{" "}
      {age !== null && <span className="chip-age">{formatAge(age)}</span>}{" "}
      <span className="visually-hidden">{word}</span>
    </>
  );
  return (
    <Popover label={label} name={bookmaker.name} className="status-chip" align="end">
      {() => <Details bookmaker={bookmaker} at={at} word={word} />}
    </Popover>
  );
}

function Details({ bookmaker, at, word }: { bookmaker: Bookmaker; at: number | null; word: string }) {
  const source = useSources()[bookmaker.code];
  const zone = usePreferences().zone || BROWSER_ZONE;
  const run = useRuns().last?.bookmakers.find((row) => row.bookmaker === bookmaker.code);
  const { facts } = text;
  const rows: [string, string][] = [[facts.state, word]];
  if (source !== undefined && source.reason !== "") rows.push([facts.reason, source.reason]);
  if (source?.since != null) rows.push([facts.since, fullTime(Date.parse(source.since), zone)]);
  rows.push([facts.newest, at === null ? facts.noneYet : fullTime(at, zone)]);
  if (run !== undefined) {
    rows.push([facts.lastRun, facts.lastRunCounts(run.ok, run.failed, run.discovered)]);
    rows.push([facts.median, facts.ms(Math.round(run.p50_ms))]);
  }
  return (
    <>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="facts-more">
        <Link href={`/runs?book=${bookmaker.code}`}>{facts.runs(bookmaker.name)}</Link>
      </p>
    </>
  );
}
