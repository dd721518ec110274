export type Span = "1h" | "6h" | "24h" | "all";
export type PriceAxis = "price" | "probability";

/** What of an event is looked at, as the address of its page holds it; the side panel keeps it for itself. */
export interface EventAddress {
  /** Key of the market whose history is shown, "" for the first. */
  market: string;
  /** Index of the outcome in the charts. */
  outcome: number;
  group: string;
  q: string;
  /** Smallest difference shown, in percent; 0 for all. */
  minGap: number;
  /** Only markets that all bookmakers of the event have. */
  everywhere: boolean;
  span: Span;
  axis: PriceAxis;
  /** Codes of the bookmakers left out of the charts. */
  hidden: readonly string[];
}

export const SPANS: readonly Span[] = ["1h", "6h", "24h", "all"];
export const SPAN_MS: Readonly<Record<Span, number>> = {
  "1h": 3_600_000,
  "6h": 21_600_000,
  "24h": 86_400_000,
  all: Infinity,
};

export const START: EventAddress = {
  market: "",
  outcome: 0,
  group: "",
  q: "",
  minGap: 0,
  everywhere: false,
  span: "24h",
  axis: "price",
  hidden: [],
};

/** Read an address; bad values fall back to the default. */
export function parseEventAddress(search: string): EventAddress {
  const query = new URLSearchParams(search);
  const get = (name: string) => query.get(name) ?? "";
  const [outcome, gap] = [Number(get("o")), Number(get("gap"))];
  return {
    market: /^[\w-]+(:-?[\d.]+)?$/.test(get("mk")) ? get("mk") : "",
    outcome: Number.isInteger(outcome) && outcome > 0 && outcome < 1000 ? outcome : 0,
    group: get("grp"),
    q: get("q"),
    minGap: Number.isFinite(gap) && gap > 0 ? gap : 0,
    everywhere: get("all") === "1",
    span: SPANS.find((span) => span === get("span")) ?? START.span,
    axis: get("y") === "prob" ? "probability" : "price",
    hidden: get("hide")
      .split(",")
      .filter((code) => /^[a-z0-9]+$/.test(code)),
  };
}

/** Write an address without a leading "?"; defaults are left out. */
export function formatEventAddress(address: EventAddress): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string, standard = "") => {
    if (value !== standard) query.append(name, value);
  };
  put("mk", address.market);
  put("o", String(address.outcome), "0");
  put("grp", address.group);
  put("q", address.q);
  put("gap", String(address.minGap), "0");
  put("all", address.everywhere ? "1" : "");
  put("span", address.span, START.span);
  put("y", address.axis === "probability" ? "prob" : "");
  put("hide", address.hidden.join(","));
  return query.toString().replace(/%(2C|3A)/g, (text) => decodeURIComponent(text));
}
