import { useEffect, useRef } from "react";
import { Connection, type ConnectionOptions, type SocketLike } from "./connection";

const SWEEP_MS = 1000;

/**
 * Keep the stores live while the component is mounted.
 *
 * Options are read once, at mount. A hidden tab paints nothing and looks at every mounted key when it returns.
 */
export function useWebSocket(options: ConnectionOptions): void {
  const initial = useRef(options);
  useEffect(() => {
    const { odds } = initial.current;
    const connection = new Connection(initial.current);
    const visibility = () => {
      odds.setPainting(document.visibilityState !== "hidden");
      if (document.visibilityState !== "hidden") connection.retryNow();
    };
    const online = () => {
      connection.retryNow();
    };
    const sweep = setInterval(() => {
      odds.sweep();
    }, SWEEP_MS);
    document.addEventListener("visibilitychange", visibility);
    window.addEventListener("online", online);
    visibility();
    connection.start();
    return () => {
      clearInterval(sweep);
      document.removeEventListener("visibilitychange", visibility);
      window.removeEventListener("online", online);
      connection.stop();
    };
  }, []);
}

/** Open the server's WebSocket, at the address the page came from. */
export function openPageSocket(): SocketLike {
  const url = new URL("/api/ws", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url) as SocketLike;
}
