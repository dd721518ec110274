"""The HTTP server: uvicorn, run inside the product's own loop and stopped by it."""

import asyncio
import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from overround.api.context import context_of
from overround.api.ws.protocol import MAX_MESSAGE_BYTES
from overround.errors import ConfigError

CUT_WAIT_S = 2.0  # how long a client that was cut off may take to read its close frame
BACKLOG = 2048
STOP_WAIT_S = 5  # how long requests may take to end when the server stops


class CuttableWebSocket(WebSocketsSansIOProtocol):
    """
    A socket that can be closed while its peer reads nothing.

    uvicorn's own close waits until the peer has taken everything sent before, which a stalled client never does.
    """

    async def run_asgi(self) -> None:
        self.scope["state"]["cut"] = self.cut  # pyright: ignore[reportTypedDictNotRequiredAccess]
        await super().run_asgi()

    def cut(self, code: int, reason: str) -> None:
        """Send a close frame behind what is buffered, and drop the connection if it isn't read in 2 s."""
        if self.disconnected:
            return
        self.stop_keepalive()
        if not self.close_sent and not self.transport.is_closing():
            with suppress(InvalidState):  # the peer closed first
                self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.close_timer is None:
            self.close_timer = self.loop.call_later(CUT_WAIT_S, self.transport.abort)


class Server(uvicorn.Server):
    """Leaves signals to the process and says goodbye to WebSocket clients before it stops."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._app = app

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take no signals: the process that runs the loop has its own order of stopping."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then set `listening`."""
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the WebSocket clients, then stop as uvicorn does."""
        await context_of(self._app).hub.drain()
        await super().shutdown(sockets)

    async def stop(self, serving: "asyncio.Task[None]") -> None:
        """Stop gracefully; returns when the task that runs `serve` has ended."""
        self.should_exit = True
        await serving


def listen(host: str, port: int) -> socket.socket:
    """
    Return a listening socket, whose callers wait until it is served; port 0 takes a free one.

    Raises:
        ConfigError: The port is in use, or the host is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(BACKLOG)
    except OSError as exc:
        listener.close()
        if exc.errno == errno.EADDRINUSE:
            raise ConfigError("port", f"{port} is in use; stop what holds it or choose another") from exc
        raise ConfigError("host", f"cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
    listener.setblocking(False)
    return listener


def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 8000) -> Server:
    """
    Return a server for the app; run it with `await server.serve(sockets=[listen(host, port)])`.

    Set `should_exit` (or call `stop`) to end it: clients get a drain notice and close code 4009.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws=CuttableWebSocket,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        log_level="critical",  # the app logs its own failures, once
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_WAIT_S,
    )
    return Server(config, app)
