import { createContext, use, useEffect, useRef, useState } from "react";
import {
  Connection,
  type ConnectionOptions,
  type RowListener,
  type RowTopic,
  type SocketLike,
} from "./connection";

const SWEEP_MS = 1000;

/**
 * Keep the stores live while the component is mounted.
 *
 * Options are read once, at mount. A hidden tab paints nothing and looks at every mounted key when it returns.
 */
export function useWebSocket(options: ConnectionOptions): Connection {
  const initial = useRef(options);
  const [connection] = useState(() => new Connection(options));
  useEffect(() => {
    const { odds } = initial.current;
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
  }, [connection]);
  return connection;
}

/** The link itself, for whoever needs more than the main markets; null where the page has none. */
export const ConnectionContext = createContext<Connection | null>(null);

/** Have these markets loaded and pushed while the component is mounted, beside the main ones. */
export function useMarkets(keys: readonly string[]): void {
  const connection = use(ConnectionContext);
  const text = keys.join();
  useEffect(() => {
    connection?.setMarkets(text === "" ? [] : text.split(","));
  }, [connection, text]);
}

/** Hear of every new or changed row of a list while the component is mounted. */
export function useRows(topic: RowTopic, listener: RowListener): void {
  const connection = use(ConnectionContext);
  const current = useRef(listener);
  useEffect(() => {
    current.current = listener;
  });
  useEffect(() => connection?.hear(topic, (row) => current.current(row)), [connection, topic]);
}

/** Open the server's WebSocket, at the address the page came from. */
export function openPageSocket(): SocketLike {
  const url = new URL("/api/ws", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url) as SocketLike;
}
