import { listField, oneOfField, textField, type StateOf } from "@/lib/queryState";

export const DAYS = ["1", "7", "30", "90"] as const;
export const SORTS = [
  "-difference",
  "difference",
  "-margin",
  "margin",
  "competition",
  "-competition",
] as const;
export const SHOWS = ["overlay", "difference"] as const;

/** The table of all leagues in its address. */
export const TABLE_FIELDS = {
  days: oneOfField(DAYS, "7"),
  ctry: textField(),
  mk: textField(40),
  q: textField(),
  sort: oneOfField(SORTS, "-difference"),
};

/** A league's page in its address. */
export const LEAGUE_FIELDS = {
  days: oneOfField(DAYS, "30"),
  show: oneOfField(SHOWS, "overlay"),
  /** Bookmakers that are not drawn. */
  hide: listField(),
};

export type TableFilters = StateOf<typeof TABLE_FIELDS>;
export type LeagueFilters = StateOf<typeof LEAGUE_FIELDS>;
