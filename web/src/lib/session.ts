import { createContext, use } from "react";

export type Scope = "viewer" | "operator" | "admin";

/** Who looks at this page. */
export interface Session {
  /** Whether this server lets nobody in without a key. */
  required: boolean;
  /** Null while a key is missing. */
  scope: Scope | null;
  name: string | null;
}

/** On one's own machine nobody logs in and may do everything. */
export const LOCAL: Session = { required: false, scope: "admin", name: null };

export const SessionContext = createContext<Session>(LOCAL);

export function useSession(): Session {
  return use(SessionContext);
}

/** Whether whoever looks at this page may do what a scope may. */
export function useMay(wanted: Scope): boolean {
  const { scope } = useSession();
  const order: readonly Scope[] = ["viewer", "operator", "admin"];
  return scope !== null && order.indexOf(scope) >= order.indexOf(wanted);
}

const listeners = new Set<() => void>();

/** Tell that the server asked for a key: by a 401, or by closing the socket. */
export function keyMissed(): void {
  for (const listener of listeners) listener();
}

export function onKeyMissed(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
