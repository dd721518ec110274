import { lazy, Suspense, useEffect, useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { text } from "@text/shell";
import { fetchBoard } from "@/features/board/api/fetchBoard";
import { Board } from "@/features/board/components/Board";
import type { PanelProps } from "@/features/board/hooks/usePanel";
import { BOARD_KEYS } from "@/features/board/keys";
import { Gate } from "@/features/login/components/Gate";
import { RunNow } from "@/features/shell/components/RunNow";
import { Shell } from "@/features/shell/components/Shell";
import { ConnectionContext, openPageSocket, useWebSocket } from "@/lib/live/useWebSocket";
import { usePreferences } from "@/lib/preferences";
import { OddsStore } from "@/lib/store/oddsStore";
import { StatusStore } from "@/lib/store/statusStore";
import { OddsStoreContext } from "@/lib/store/useOdds";
import { StatusStoreContext } from "@/lib/store/useStatus";
import { PAGES } from "./pages";
import { ROUTES } from "./routes";
import "./App.css";

/** The whole page, or the login where the server asks for a key. */
export function App() {
  return (
    <Gate>
      <Site />
    </Gate>
  );
}

/** Stores that live as long as the page does, the link that fills them, and the routes. */
function Site() {
  const [odds] = useState(() => new OddsStore());
  const [status] = useState(() => new StatusStore());
  const connection = useWebSocket({ odds, status, openSocket: openPageSocket, loadBoard: fetchBoard });
  const { deadBand, wideGap } = usePreferences();
  useEffect(() => odds.repaint(), [odds, deadBand, wideGap]);
  return (
    <ConnectionContext value={connection}>
      <OddsStoreContext value={odds}>
        <StatusStoreContext value={status}>
          <Pages />
          <Suspense fallback={null}>
            <AlertTeller />
          </Suspense>
        </StatusStoreContext>
      </OddsStoreContext>
    </ConnectionContext>
  );
}

const EventPanel = lazy(() =>
  import("@/features/event/components/EventPanel").then((file) => ({ default: file.EventPanel })),
);

const AlertTeller = lazy(() =>
  import("@/features/alerts/components/AlertTeller").then((file) => ({ default: file.AlertTeller })),
);

const eventPanel = (props: PanelProps) => (
  <Suspense fallback={null}>
    <EventPanel {...props} />
  </Suspense>
);

/** The Board comes with the first load, every other page when it is opened. */
function Pages() {
  return (
    <Switch>
      <Route path="/">
        <Shell page={text.page.board} pages={PAGES} keys={BOARD_KEYS}>
          <Board runNow={<RunNow label={text.run.runNow} />} panel={eventPanel} />
        </Shell>
      </Route>
      {ROUTES.map(({ path, name, keys, Page }) => (
        <Route key={path} path={path}>
          <Shell page={name} pages={PAGES} keys={keys}>
            <Suspense fallback={<main className="page-loading" aria-busy="true" />}>
              <Page />
            </Suspense>
          </Shell>
        </Route>
      ))}
      <Route>
        <Shell page={text.page.notFound} pages={PAGES} keys={[]}>
          <NotFound />
        </Shell>
      </Route>
    </Switch>
  );
}

function NotFound() {
  const [path] = useLocation();
  const words = decodeURIComponent(path)
    .split(/[/_-]+/)
    .filter(Boolean)
    .join(" ");
  return (
    <main className="not-found">
      <h1>{text.notFound.title(path)}</h1>
      <p>
        <Link href="/">{text.notFound.open}</Link>
        {words !== "" && (
          <>
            {text.notFound.or}
            <Link href={`/?q=${encodeURIComponent(words)}`}>{text.notFound.look(words)}</Link>
          </>
        )}
        .
      </p>
    </main>
  );
}
