"""A loopback proxy in front of a PostgreSQL server of the tests: slow, half open, or cutting where it hurts."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_CHUNK = 1 << 16
_COMMITTED = b"COMMIT\x00"  # the server's answer to COMMIT
_WRITER = b"overround writer"  # in the first message of the session that writes


class _Link:
    """One client's connection and its other half."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client, self.server = client, server
        self.swallowing = self.writes = False

    def cut(self) -> None:
        for end in (self.client, self.server):
            end.close()


class Proxy:
    """Forwards to a server's Unix socket, in a thread of its own, until closed."""

    def __init__(self, folder: Path) -> None:
        """Stand before the server that has its socket in this folder."""
        self._socket = str(folder / ".s.PGSQL.5432")
        self.delay_s = 0.0  # before every chunk, either way
        self.commits_to_cut = 0  # of the writer: done by the server, never told to the client
        self.cuts = 0
        self._links: list[_Link] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result(10)

    @property
    def port(self) -> int:
        """Return where it listens on loopback."""
        return self._server.sockets[0].getsockname()[1]

    def url(self, database: str) -> str:
        """Return the address of a database by way of this proxy."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def swallow(self) -> None:
        """From now on say nothing on the connections there are, and keep them open: a router that died."""
        self._do(lambda: [setattr(link, "swallowing", True) for link in self._links])

    def cut(self) -> None:
        """Cut every connection there is."""
        self._do(lambda: [link.cut() for link in self._links])

    def close(self) -> None:
        """End the thread and every connection."""

        def end() -> None:
            self._server.close()
            for link in self._links:
                link.cut()
            self._loop.stop()

        self._do(end)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(work)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            answers, server = await asyncio.open_unix_connection(self._socket)
        except OSError:
            client.close()
            return
        link = _Link(client, server)
        self._links.append(link)
        await asyncio.gather(self._pump(link, reader, server), self._pump(link, answers, client))
        self._links.remove(link)

    async def _pump(self, link: _Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(_CHUNK):
                await asyncio.sleep(self.delay_s)
                if link.swallowing:
                    continue
                link.writes = link.writes or _WRITER in chunk
                if self.commits_to_cut and link.writes and target is link.client and _COMMITTED in chunk:
                    self.commits_to_cut -= 1
                    self.cuts += 1
                    break
                target.write(chunk)
                await target.drain()
        if not link.swallowing:
            link.cut()
