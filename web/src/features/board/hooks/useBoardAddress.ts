import { useCallback, useEffect, useMemo, useRef } from "react";
import { useSearch } from "wouter";
import type { Layout } from "@/lib/store/layout";
import { preferences, setPreferences, usePreferences } from "@/lib/preferences";
import { BROWSER_ZONE } from "@/lib/timezone";
import { formatAddress, parseAddress, withinLayout, type BoardAddress } from "../address";

export type UpdateAddress = (change: Partial<BoardAddress>) => void;

/**
 * Return the Board's screen state and how to change it. The address is its only holder: a change replaces the
 * history entry, and what the address cannot mean is removed from it. Density and zone are remembered too.
 */
export function useBoardAddress(layout: Layout): [BoardAddress, UpdateAddress] {
  const search = useSearch();
  const { density, zone } = usePreferences();
  const address = useMemo(() => {
    const parsed = parseAddress(search, { density, zone });
    return layout.columns.length > 0 ? withinLayout(parsed, layout) : parsed;
  }, [search, density, zone, layout]);

  const newest = useRef(address);
  useEffect(() => {
    newest.current = address;
    if (layout.columns.length > 0) writeAddress(address);
  }, [address, layout]);

  const update = useCallback((change: Partial<BoardAddress>) => {
    newest.current = { ...newest.current, ...change };
    if (change.density !== undefined) setPreferences({ density: change.density });
    if (change.zone !== undefined) setPreferences({ zone: change.zone === BROWSER_ZONE ? "" : change.zone });
    writeAddress(newest.current);
  }, []);
  return [address, update];
}

/** Write the focused event into the address as it is, without waiting for React. */
export function writeEvent(id: string): void {
  const address = parseAddress(window.location.search, preferences());
  if (address.event !== id) writeAddress({ ...address, event: id });
}

function writeAddress(address: BoardAddress): void {
  const query = formatAddress(address);
  const wanted = query === "" ? "" : `?${query}`;
  if (wanted !== window.location.search)
    window.history.replaceState(null, "", window.location.pathname + wanted);
}
