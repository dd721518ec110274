import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from "react";
import { LOCAL, onKeyMissed, SessionContext, type Session } from "@/lib/session";
import { clearRest } from "@/lib/rest";
import { fetchSession } from "../api/session";

const Login = lazy(async () => ({ default: (await import("./Login")).Login }));

/**
 * Show the login in place of the page where the server asks for a key: at the start, and when a key ends.
 *
 * The page does not wait for the answer, so that where no key is needed nothing is slower.
 */
export function Gate({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session>(LOCAL);
  const ask = useCallback(() => {
    fetchSession().then(setSession, () => undefined); // without an answer the page itself says what is wrong
  }, []);
  useEffect(() => {
    ask();
    return onKeyMissed(ask);
  }, [ask]);
  const enter = (entered: Session) => {
    clearRest();
    setSession(entered);
  };
  if (session.required && session.scope === null)
    return (
      <Suspense fallback={<main className="page-loading" aria-busy="true" />}>
        <Login onEnter={enter} />
      </Suspense>
    );
  return <SessionContext value={session}>{children}</SessionContext>;
}
