import { useMemo } from "react";
import { text } from "@text/event";
import { formatMargin, formatWhole } from "@/lib/format";
import { useLayout, useOddsStore } from "@/lib/store/useOdds";
import { useNow } from "@/lib/useNow";
import type { EventWire } from "../api/fetchEvent";
import { factsOf } from "../facts";
import { codeOf } from "../series";

const RENEW_MS = 5000;
const words = text.facts;

/** What a trader wants to know of an event before reading a single price. */
export function QuickFacts({ event }: { event: EventWire }) {
  const layout = useLayout();
  const store = useOddsStore();
  const turn = Math.floor(useNow() / RENEW_MS);
  const facts = useMemo(() => {
    const record = store.event(event.id);
    return record === undefined ? null : factsOf(store, record);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the store changes under the same reference
  }, [store, event, layout, turn]);
  if (facts === null) return null;
  const { bestShare, marginToMedian } = facts;
  return (
    <section className="event-facts" aria-label={words.title}>
      <h2>{words.title}</h2>
      <dl>
        <dt>{words.markets}</dt>
        <dd>
          {layout.bookmakers.map(({ code, name }, index) => (
            <span key={code} title={name}>
              <span className="fact-code">{codeOf(code)}</span> {formatWhole(facts.markets[index] ?? 0)}
            </span>
          ))}
        </dd>
        <dt title={words.bestTitle}>{words.best}</dt>
        <dd>{bestShare === null ? words.none : `${Math.round(bestShare * 100)} %`}</dd>
        <dt title={words.marginTitle}>{words.margin}</dt>
        <dd>{marginToMedian === null ? words.none : signed(marginToMedian)}</dd>
        <dt title={words.changedTitle}>{words.changed}</dt>
        <dd>{formatWhole(facts.changed)}</dd>
        <dt>{words.unmapped}</dt>
        <dd>
          {event.listings.map(({ bookmaker, unmapped }) => (
            <span key={bookmaker} title={unmapped.map(({ name, id }) => name || id).join("\n")}>
              <span className="fact-code">{codeOf(bookmaker)}</span> {formatWhole(unmapped.length)}
            </span>
          ))}
        </dd>
      </dl>
    </section>
  );
}

function signed(margin: number): string {
  const words = formatMargin(margin);
  return margin > 0 && words !== "0.0" ? `+${words}` : words;
}
