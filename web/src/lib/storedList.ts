import { useSyncExternalStore } from "react";

/** A list that this browser keeps, the same in all its tabs. Without storage it lasts for the visit. */
export class StoredList<T> {
  private items: readonly T[];
  private readonly listeners = new Set<() => void>();

  /** @param isItem Tells what may stand in the list; anything else in the storage is dropped. */
  constructor(
    private readonly key: string,
    private readonly isItem: (value: unknown) => value is T,
  ) {
    this.items = this.stored();
    if (typeof window !== "undefined")
      window.addEventListener("storage", (event) => {
        if (event.key === key) this.renew(this.stored());
      });
  }

  readonly get = (): readonly T[] => this.items;

  set(items: readonly T[]): void {
    try {
      localStorage.setItem(this.key, JSON.stringify(items));
    } catch {
      // Kept for this visit only.
    }
    this.renew(items);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private renew(items: readonly T[]): void {
    this.items = items;
    for (const listener of this.listeners) listener();
  }

  private stored(): readonly T[] {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(value) ? value.filter(this.isItem) : [];
    } catch {
      return []; // storage refused or edited: no reason to fail
    }
  }
}

export function useStoredList<T>(list: StoredList<T>): readonly T[] {
  return useSyncExternalStore(list.subscribe, list.get);
}
