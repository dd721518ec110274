/** The login, where a key is needed. */
export const text = {
  title: "Log in – Overround",
  product: "Overround",
  why: "This server is open to others, so it asks for an API key.",
  key: "API key",
  go: "Log in",
  going: "Looking…",
  where: "An administrator makes one on the server:",
  command: "overround keys create NAME --scope viewer",
  stays: "The key is not kept in this browser: a cookie stands for it for seven days, or until it ends.",
  refused: "This key is unknown, expired or revoked.",
  failed: (reason: string) => `Not logged in: ${reason}`,
} as const;
