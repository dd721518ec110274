import { oneOfField, textField, type StateOf } from "@/lib/queryState";

export const TABS = ["open", "all", "rules"] as const;

/** The Alerts page in its address. */
export const FIELDS = { tab: oneOfField(TABS, "open"), rule: textField(40), comp: textField(200) };

export type Filters = StateOf<typeof FIELDS>;
