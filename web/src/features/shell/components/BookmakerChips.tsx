import { Popover } from "@/components/ui/Popover";
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
  if (state === "off") return { shape: "○", tone: "quiet", word: "off" };
  if (state === "refused" || state === "down") return { shape: "▲", tone: "fault", word: state };
  if (stale) return { shape: "■", tone: "warn", word: "stale" };
  if (state === "lagging" || state === "recovering") return { shape: "■", tone: "warn", word: state };
  return { shape: "●", tone: "ok", word: "fresh" };
}

function BookmakerChip({ bookmaker, index }: { bookmaker: Bookmaker; index: number }) {
  useNow();
  const store = useOddsStore();
  const source = useSources()[bookmaker.code];
  const at = store.latestConfirmation(index);
  const age = at === null ? null : store.now() - at;
  const { shape, tone, word } =
    age === null && source?.state !== "off" && source?.state !== "down" && source?.state !== "refused"
      ? { shape: "○", tone: "quiet", word: "no data yet" }
      : standing(source?.state, age !== null && age > store.staleAfterMs);
  const label = (
    <>
      <i className={tone} aria-hidden="true">
        {shape}
      </i>
      {bookmaker.name} {age !== null && <span className="chip-age">{formatAge(age)}</span>}
    </>
  );
  return (
    <Popover
      label={label}
      name={bookmaker.name}
      buttonName={
        age === null ? `${bookmaker.name}: ${word}` : `${bookmaker.name} ${formatAge(age)}: ${word}`
      }
      className="status-chip"
      align="end"
    >
      {() => <Details bookmaker={bookmaker} at={at} word={word} />}
    </Popover>
  );
}

function Details({ bookmaker, at, word }: { bookmaker: Bookmaker; at: number | null; word: string }) {
  const source = useSources()[bookmaker.code];
  const zone = usePreferences().zone || BROWSER_ZONE;
  const run = useRuns().last?.bookmakers.find((row) => row.bookmaker === bookmaker.code);
  const rows: [string, string][] = [["State", word]];
  if (source !== undefined && source.reason !== "") rows.push(["Reason", source.reason]);
  if (source?.since != null) rows.push(["Since", fullTime(Date.parse(source.since), zone)]);
  rows.push(["Newest prices", at === null ? "none yet" : fullTime(at, zone)]);
  if (run !== undefined) {
    rows.push(["Last run", `${run.ok} ok, ${run.failed} failed of ${run.discovered}`]);
    rows.push(["Request, median", `${Math.round(run.p50_ms)} ms`]);
  }
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
