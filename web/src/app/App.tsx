import { useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { fetchBoard } from "@/features/board/api/fetchBoard";
import { Board } from "@/features/board/components/Board";
import { BOARD_KEYS } from "@/features/board/keys";
import { RunNow } from "@/features/shell/components/RunNow";
import { Shell } from "@/features/shell/components/Shell";
import { openPageSocket, useWebSocket } from "@/lib/live/useWebSocket";
import { OddsStore } from "@/lib/store/oddsStore";
import { StatusStore } from "@/lib/store/statusStore";
import { OddsStoreContext } from "@/lib/store/useOdds";
import { StatusStoreContext } from "@/lib/store/useStatus";
import "./App.css";

/** The whole page: stores that live as long as it does, the link that fills them, and the routes. */
export function App() {
  const [odds] = useState(() => new OddsStore());
  const [status] = useState(() => new StatusStore());
  useWebSocket({ odds, status, openSocket: openPageSocket, loadBoard: fetchBoard });
  return (
    <OddsStoreContext value={odds}>
      <StatusStoreContext value={status}>
        <Switch>
          <Route path="/">
            <Shell page="Board" keys={BOARD_KEYS}>
              <Board runNow={<RunNow label="Run now" />} />
            </Shell>
          </Route>
          <Route>
            <Shell page="Not found" keys={[]}>
              <NotFound />
            </Shell>
          </Route>
        </Switch>
      </StatusStoreContext>
    </OddsStoreContext>
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
      <h1>There is no page {path}</h1>
      <p>
        <Link href="/">Open the Board</Link>
        {words !== "" && (
          <>
            {" or "}
            <Link href={`/?q=${encodeURIComponent(words)}`}>look for “{words}” on it</Link>
          </>
        )}
        .
      </p>
    </main>
  );
}
