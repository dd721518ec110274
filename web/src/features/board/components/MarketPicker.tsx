import { useEffect, useState } from "react";
import { text } from "@text/board";
import { formatWhole } from "@/lib/format";
import { MAIN_MARKETS, type Layout } from "@/lib/store/layout";
import { useLayout } from "@/lib/store/useOdds";
import { searchable } from "@/lib/text";
import { MAX_MARKETS, toggledMarkets } from "../address";
import { fetchMarkets, type MarketType } from "../api/fetchMarkets";
import type { PartProps } from "./FilterBar";

const SHOWN_AT_ONCE = 40;

/** Up to eight markets of all that are mapped; lined ones by their lines. */
export function MarketPicker({ address, update }: PartProps) {
  const layout = useLayout();
  const { markets, failure, retry } = useMarketList();
  const [query, setQuery] = useState("");
  const shown = address.markets ?? MAIN_MARKETS;
  const toggle = (key: string) => {
    update({ markets: toggledMarkets(address.markets, key) });
  };
  const words = searchable(query).split(/\s+/).filter(Boolean);
  const found = markets?.filter(({ name, short, groups }) => {
    const haystack = searchable([name, short, ...groups].join(" "));
    return words.every((word) => haystack.includes(word));
  });
  return (
    <fieldset className="radios markets">
      <legend>{text.marketsShown(shown.length, MAX_MARKETS)}</legend>
      <div className="market-chips">
        {shown.map((key, index) => (
          <button
            key={key}
            type="button"
            className="chip"
            disabled={shown.length === 1}
            aria-label={text.removeMarket(marketName(key, layout, markets))}
            onClick={() => {
              toggle(key);
            }}
          >
            <kbd>{index + 1}</kbd> {marketName(key, layout, markets)} <span aria-hidden="true">✕</span>
          </button>
        ))}
      </div>
      <input
        type="search"
        placeholder={text.findMarket}
        aria-label={text.findMarket}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
        }}
      />
      {failure !== "" && (
        <p className="fault" role="alert">
          {text.marketsFailed(failure)}{" "}
          <button type="button" className="button" onClick={retry}>
            {text.retry}
          </button>
        </p>
      )}
      {found === undefined && failure === "" && <p className="choices-none">{text.loadingList}</p>}
      <ul className="market-list">
        {found?.slice(0, SHOWN_AT_ONCE).map((market) => (
          <MarketLines key={market.id} {...{ market, shown, toggle }} full={shown.length >= MAX_MARKETS} />
        ))}
      </ul>
      {found?.length === 0 && <p className="choices-none">{text.nothingLike(query)}</p>}
    </fieldset>
  );
}

function MarketLines(props: {
  market: MarketType;
  shown: readonly string[];
  full: boolean;
  toggle: (key: string) => void;
}) {
  const { market, shown, full, toggle } = props;
  const button = (key: string, label: string, name: string, events: number) => {
    const on = shown.includes(key);
    return (
      <button
        key={key}
        type="button"
        className="line"
        aria-pressed={on}
        aria-label={on ? text.removeMarket(name) : text.addMarket(name)}
        title={text.events(events)}
        disabled={(full && !on) || (on && shown.length === 1)}
        onClick={() => {
          toggle(key);
        }}
      >
        {label}
      </button>
    );
  };
  return (
    <li>
      <span className="choice-name">{market.name}</span>
      <span className="choice-count">{formatWhole(market.events)}</span>
      <span className="lines">
        {market.lines.map(({ key, line, events }) =>
          button(key, line || "+", `${market.short} ${line}`.trim(), events),
        )}
      </span>
    </li>
  );
}

function useMarketList() {
  const [state, setState] = useState<{ markets: MarketType[] | undefined; failure: string }>({
    markets: undefined,
    failure: "",
  });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    void fetchMarkets().then(
      (markets) => {
        if (wanted) setState({ markets, failure: "" });
      },
      (error: unknown) => {
        if (wanted)
          setState({ markets: undefined, failure: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      wanted = false;
    };
  }, [attempt]);
  const retry = () => {
    setState({ markets: undefined, failure: "" });
    setAttempt(attempt + 1);
  };
  return { ...state, retry };
}

function marketName(key: string, layout: Layout, markets: readonly MarketType[] | undefined): string {
  const column = layout.columns.find((each) => each.key === key);
  if (column !== undefined) return column.name;
  for (const market of markets ?? []) {
    const line = market.lines.find((each) => each.key === key);
    if (line !== undefined) return `${market.short} ${line.line}`.trim();
  }
  return key;
}
