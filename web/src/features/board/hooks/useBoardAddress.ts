import { useCallback, useEffect, useMemo, useRef } from "react";
import { useSearch } from "wouter";
import { EMPTY_LAYOUT, type Layout } from "@/lib/store/layout";
import { useOddsStore } from "@/lib/store/useOdds";
import { preferences, setPreferences, usePreferences } from "@/lib/preferences";
import { BROWSER_ZONE } from "@/lib/timezone";
import { formatAddress, parseAddress, withinLayout, type BoardAddress } from "../address";
import { defaultView } from "../views";

type Change = Partial<BoardAddress> | ((now: BoardAddress) => Partial<BoardAddress>);

/** @param push Whether going back leads to the state before, as for the side panel. */
export type UpdateAddress = (change: Change, push?: boolean) => void;

/** Says that the product's defaults are meant, where an empty address means a named view. */
const PLAIN = "plain=1";

/**
 * Return the Board's screen state and how to change it. The address is its only holder: a change replaces the
 * history entry, and what the address cannot mean is removed from it. Density, zone and odds format are remembered
 * too. An empty address means the default view, where the trader has one.
 */
export function useBoardAddress(layout: Layout): [BoardAddress, UpdateAddress] {
  const search = useSearch();
  const store = useOddsStore();
  const { density, zone, format, reference } = usePreferences();
  const address = useMemo(() => {
    const parsed = parseAddress(search || (defaultView()?.query ?? ""), {
      density,
      zone,
      format,
      reference,
    });
    return layout === EMPTY_LAYOUT ? parsed : withinLayout(parsed, layout, store.asked);
  }, [search, density, zone, format, reference, layout, store]);

  // An effect may run after the next key has already written: what was drawn then is not the newest any more.
  const drawn = window.location.search;
  const newest = useRef(address);
  useEffect(() => {
    if (drawn !== window.location.search) return;
    newest.current = address;
    if (layout !== EMPTY_LAYOUT) writeAddress(address);
  }, [address, layout, drawn]);

  const update = useCallback<UpdateAddress>((change, push = false) => {
    const made = typeof change === "function" ? change(newest.current) : change;
    newest.current = { ...newest.current, ...made };
    remember(made);
    writeAddress(newest.current, push);
  }, []);
  return [address, update];
}

function remember({ density, zone, format, reference }: Partial<BoardAddress>): void {
  if (density !== undefined) setPreferences({ density });
  if (zone !== undefined) setPreferences({ zone: zone === BROWSER_ZONE ? "" : zone });
  if (format !== undefined) setPreferences({ format });
  if (reference !== undefined) setPreferences({ reference });
}

/** Write the focused event into the address as it is, without waiting for React. */
export function writeEvent(id: string): void {
  const address = parseAddress(window.location.search, preferences());
  if (address.event !== id) writeAddress({ ...address, event: id });
}

function writeAddress(address: BoardAddress, push = false): void {
  const query = formatAddress(address) || (defaultView() === undefined ? "" : PLAIN);
  const wanted = query === "" ? "" : `?${query}`;
  if (wanted === window.location.search) return;
  const path = window.location.pathname + wanted;
  if (push) window.history.pushState(null, "", path);
  else window.history.replaceState(null, "", path);
}
