/** The command palette. */
export const text = {
  title: "Find",
  placeholder: "Events, leagues, pages, actions",
  results: "Found",
  nothing: (query: string) => `Nothing like “${query}”.`,
  kinds: { event: "event", league: "league", page: "page", action: "action" },
  hint: "↑ ↓ choose · Enter opens · Esc closes",
} as const;
