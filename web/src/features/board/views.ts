import { StoredList } from "@/lib/storedList";

/** A screen state that the trader gave a name; at most one is what an empty address means. */
export interface NamedView {
  name: string;
  /** The address without "?". */
  query: string;
  isDefault: boolean;
}

export const namedViews = new StoredList<NamedView>("overround.views", isNamedView);

function isNamedView(value: unknown): value is NamedView {
  if (typeof value !== "object" || value === null) return false;
  const { name, query, isDefault } = value as Record<string, unknown>;
  return typeof name === "string" && typeof query === "string" && typeof isDefault === "boolean";
}

/** Keep a view under its name; one of the same name is replaced and stays the default if it was. */
export function saveView(name: string, query: string): void {
  const views = namedViews.get();
  const known = views.find((view) => view.name === name);
  const saved = { name, query, isDefault: known?.isDefault ?? false };
  namedViews.set(
    known === undefined ? [...views, saved] : views.map((view) => (view === known ? saved : view)),
  );
}

export function deleteView(name: string): void {
  namedViews.set(namedViews.get().filter((view) => view.name !== name));
}

/** Make a view the default, or none when it is already. */
export function switchDefault(name: string): void {
  namedViews.set(
    namedViews.get().map((view) => ({ ...view, isDefault: view.name === name && !view.isDefault })),
  );
}

export function defaultView(): NamedView | undefined {
  return namedViews.get().find((view) => view.isDefault);
}
