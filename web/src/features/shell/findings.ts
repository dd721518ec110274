import { text } from "@text/palette";
import type { Command } from "@/lib/commands";
import type { Page } from "@/lib/pages";
import type { OddsStore } from "@/lib/store/oddsStore";
import { searchable } from "@/lib/text";

/** One line of the command palette. */
export interface Finding {
  kind: keyof typeof text.kinds;
  id: string;
  name: string;
  hint: string;
  run: () => void;
}

const EVENTS_SHOWN = 8;
const LEAGUES_SHOWN = 5;

/** Return what a query finds: events and leagues only for a query, pages and actions always. */
export function findings(
  query: string,
  from: { store: OddsStore; pages: readonly Page[]; commands: readonly Command[] },
  go: (path: string) => void,
): Finding[] {
  const words = searchable(query).split(/\s+/).filter(Boolean);
  const matches = (name: string) => {
    const haystack = searchable(name);
    return words.every((word) => haystack.includes(word));
  };
  const pages = from.pages
    .filter(({ name }) => matches(name))
    .map(({ path, name, key }): Finding => ({
      kind: "page",
      id: `page${path}`,
      name,
      hint: `g ${key}`,
      run: () => {
        go(path);
      },
    }));
  const actions = from.commands
    .filter(({ name }) => matches(name))
    .map((command, index): Finding => ({ kind: "action", id: `action${index}`, ...command }));
  if (words.length === 0) return [...pages, ...actions];
  return [...eventsAndLeagues(from.store, words, go), ...pages, ...actions];
}

function eventsAndLeagues(store: OddsStore, words: readonly string[], go: (path: string) => void): Finding[] {
  const events: Finding[] = [];
  const leagues = new Map<string, Finding>();
  for (const event of store.events()) {
    const { id, home, away, haystack, competition } = event;
    if (events.length < EVENTS_SHOWN && words.every((word) => haystack.includes(word)))
      events.push({
        kind: "event",
        id: `event${id}`,
        name: `${home} – ${away}`,
        hint: competition.name,
        run: () => {
          go(`/event/${id}`);
        },
      });
    if (leagues.has(competition.id) || leagues.size >= LEAGUES_SHOWN) continue;
    const league = searchable(`${competition.name} ${competition.country}`);
    if (words.every((word) => league.includes(word)))
      leagues.set(competition.id, {
        kind: "league",
        id: `league${competition.id}`,
        name: competition.name,
        hint: competition.country,
        run: () => {
          go(`/?comp=${encodeURIComponent(competition.id)}`);
        },
      });
  }
  return [...leagues.values(), ...events];
}
