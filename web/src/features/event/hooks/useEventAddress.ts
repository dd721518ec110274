import { useCallback, useEffect, useMemo, useRef } from "react";
import { useSearch } from "wouter";
import { formatEventAddress, parseEventAddress, type EventAddress } from "../address";

export type UpdateEvent = (change: Partial<EventAddress>) => void;

/** Return what of the event is looked at; the address of the page is its only holder. */
export function useEventAddress(): [EventAddress, UpdateEvent] {
  const search = useSearch();
  const address = useMemo(() => parseEventAddress(search), [search]);
  const newest = useRef(address);
  useEffect(() => {
    newest.current = address;
    write(address); // what the address cannot mean is removed from it
  }, [address]);
  const update = useCallback((change: Partial<EventAddress>) => {
    newest.current = { ...newest.current, ...change };
    write(newest.current);
  }, []);
  return [address, update];
}

function write(address: EventAddress): void {
  const query = formatEventAddress(address);
  const wanted = query === "" ? "" : `?${query}`;
  if (wanted !== window.location.search)
    window.history.replaceState(null, "", window.location.pathname + wanted);
}
