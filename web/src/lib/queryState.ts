import { useCallback, useEffect, useMemo, useRef } from "react";
import { useSearch } from "wouter";
import { preferences, setPreferences, usePreferences } from "./preferences";
import { BROWSER_ZONE, isZone } from "./timezone";

/** One parameter of a page's address: bad text reads as the default, and the default is not written. */
export interface Field<T> {
  read(text: string): T;
  write(value: T): string;
  fallback: T;
}

/** The parameters of a page's address by name. */
export type Fields<S> = { readonly [K in keyof S]: Field<S[K]> };
export type StateOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };
export type Update<S> = (change: Partial<S>, push?: boolean) => void;

export function oneOfField<T extends string>(known: readonly T[], fallback: T): Field<T> {
  return {
    fallback,
    read: (text) => known.find((each) => each === text) ?? fallback,
    write: (value) => value,
  };
}

export function textField(limit = 100): Field<string> {
  return { fallback: "", read: (text) => text.slice(0, limit), write: (value) => value };
}

export function flagField(fallback = false): Field<boolean> {
  return {
    fallback,
    read: (text) => (text === "1" ? true : text === "0" ? false : fallback),
    write: (value) => (value ? "1" : "0"),
  };
}

const NONE: readonly string[] = [];

export function listField(): Field<readonly string[]> {
  return {
    fallback: NONE,
    read: (text) => [...new Set(text.split(",").filter(Boolean))],
    write: (values) => values.join(","),
  };
}

export function parseState<S extends object>(fields: Fields<S>, search: string): S {
  const given = new URLSearchParams(search);
  const state = {} as S;
  for (const name of namesOf(fields)) {
    const text = given.get(name);
    state[name] = text === null ? fields[name].fallback : fields[name].read(text);
  }
  return state;
}

/** Write a state as a query without "?"; defaults are left out. */
export function formatState<S extends object>(fields: Fields<S>, state: S): string {
  const query = new URLSearchParams();
  for (const name of namesOf(fields)) {
    const value = fields[name].write(state[name]);
    if (value !== fields[name].write(fields[name].fallback)) query.set(name, value);
  }
  return query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

function namesOf<S>(fields: Fields<S>): (keyof S & string)[] {
  return Object.keys(fields) as (keyof S & string)[];
}

/**
 * Return a page's screen state and how to change it. The address is its only holder: a change replaces the history
 * entry unless it pushes one, and what the address cannot mean is removed from it.
 *
 * @param fields The same object as long as the page lives.
 */
export function useQueryState<S extends object>(fields: Fields<S>): [S, Update<S>] {
  const search = useSearch();
  const state = useMemo(() => parseState(fields, search), [fields, search]);
  const newest = useRef(state);
  const zone = useMemo(() => new URLSearchParams(search).get("tz"), [search]);
  useEffect(() => {
    newest.current = state;
    write(formatState(fields, state));
  }, [fields, state]);
  useEffect(() => {
    // A link with a zone shows that zone, and it stays chosen.
    if (zone !== null && isZone(zone)) setPreferences({ zone: zone === BROWSER_ZONE ? "" : zone });
  }, [zone]);
  const { zone: chosen } = usePreferences();
  useEffect(() => {
    write(formatState(fields, newest.current));
  }, [fields, chosen]);
  const update = useCallback(
    (change: Partial<S>, push = false) => {
      newest.current = { ...newest.current, ...change };
      write(formatState(fields, newest.current), push);
    },
    [fields],
  );
  return [state, update];
}

function write(state: string, push = false): void {
  const { zone } = preferences();
  const query = [state, zone === "" ? "" : `tz=${zone}`].filter(Boolean).join("&");
  const wanted = query === "" ? "" : `?${query}`;
  if (wanted === window.location.search) return;
  const path = window.location.pathname + wanted;
  if (push) window.history.pushState(null, "", path);
  else window.history.replaceState(null, "", path);
}
