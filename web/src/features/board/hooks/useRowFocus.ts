import { useLayoutEffect, useRef, type RefObject } from "react";
import { focusCell, useGridFocus } from "../gridFocus";

/** Give the browser's focus to the row's cell that got the tab stop, when the trader moved there. */
export function useRowFocus(row: string, column: number): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const focus = useGridFocus();
  useLayoutEffect(() => {
    if (column < 0 || !focus.wanted || focus.row !== row) return;
    focusCell(element.current, column);
  }, [column, focus, row]);
  return element;
}
