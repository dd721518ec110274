import type { Alert, Rule, Show } from "./alert";

/** The page whose badge counts an alert: moves have a page of their own. */
export function pageOf({ condition }: Pick<Alert, "condition">): string {
  return condition === "move" || condition === "steam" ? "/movements" : "/alerts";
}

/** Return how the alert's rule wants to be told, null for a rule that is not known. */
export function showsOf(
  { ruleId }: Pick<Alert, "ruleId">,
  rules: readonly Rule[] | undefined,
): readonly Show[] | null {
  return rules?.find(({ id }) => id === ruleId)?.spec.show ?? null;
}
