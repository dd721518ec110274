import { useEffect, useRef } from "react";
import { preferences } from "./preferences";

export interface Shortcut {
  /** `KeyboardEvent.key` values that trigger it; capitals mean Shift. */
  keys: readonly string[];
  /** Whether Shift must be held with a key that it does not change, as an arrow. */
  shift?: boolean;
  run: () => void;
}

/** One line of the key list. */
export interface KeyHelp {
  caps: readonly string[];
  does: string;
}

/** Whether keys typed there belong to what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  // A panel or dialog that is open has the keys to itself.
  if (target.closest("[data-panel], dialog") !== null) return true;
  return target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
}

/** Run single-key shortcuts of the page; ignored while typing, with a modifier, or when something took the key. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      if (!preferences().keys) return;
      const named = event.key.length > 1; // Shift makes a capital of a letter, and leaves ArrowDown as it is
      const shortcut = current.current.find(
        ({ keys, shift = false }) => keys.includes(event.key) && (!named || shift === event.shiftKey),
      );
      if (shortcut === undefined) return;
      event.preventDefault();
      shortcut.run();
    };
    window.addEventListener("keydown", press);
    return () => {
      window.removeEventListener("keydown", press);
    };
  }, []);
}
