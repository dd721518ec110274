import { listField, oneOfField, textField, type StateOf } from "@/lib/queryState";

export const TABS = ["events", "markets", "unmapped"] as const;
export const VIEWS = ["all", "matched", "missing_here", "missing_there", "check"] as const;
export const MARKET_VIEWS = ["groups", "here", "there"] as const;
const UNMAPPED_SORTS = ["-events", "events", "-outcomes", "outcomes", "-last_seen", "last_seen"] as const;

/** The Coverage page in its address. */
export const FIELDS = {
  tab: oneOfField(TABS, "events"),
  view: oneOfField(VIEWS, "all"),
  mv: oneOfField(MARKET_VIEWS, "groups"),
  ctry: textField(),
  bk: textField(20),
  q: textField(),
  /** Slugs of the leagues whose events are shown. */
  x: listField(),
  /** "" is by country and league; else a column of the events, "-" descends. */
  sort: textField(40),
  usort: oneOfField(UNMAPPED_SORTS, "-events"),
};

export type Filters = StateOf<typeof FIELDS>;
