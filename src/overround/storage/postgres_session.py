"""
The one session that writes to PostgreSQL, and the lock it holds while it lives (I6).

It has a thread and an event loop of its own: encoding a batch takes longer than the serving loop may stand still.
"""

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from overround.errors import ConfigError, DatabaseInUse, DatabaseTaken, DatabaseUnavailable, StorageError
from overround.log import get_logger
from overround.storage.postgres import DRIVER_ERRORS, Address, Connection, connect, in_our_words

log = get_logger(__name__)

T = TypeVar("T")

STATEMENT_TIMEOUT_S = 60
LOCK_KEY = 0x4F766572  # "Over"; advisory locks are per database

_US_1970_TO_2000 = 946_684_800_000_000  # PostgreSQL counts microseconds from 2000
_HOLDER = """
SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1 AND l.classid = 0
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

_OVERTAKEN = """
SELECT EXISTS (SELECT FROM write_watermark w JOIN write_watermark own ON own.spool_id = $1 WHERE w.seq > own.seq)
"""


class _Holder(msgspec.Struct, frozen=True):
    pid: int
    name: str
    host: str


class PostgresSession:
    """
    Opens the connection when it is needed, again after a loss, and never without the lock.

    Times are whole milliseconds since 1970 on this connection, both ways.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._thread = _LoopThread("postgres-writer")
        self._opened: Connection | None = None  # used in the thread only
        self._turn = asyncio.Lock()
        self._held = False  # the lock was ours once
        self._spool_id = ""
        self._token = secrets.token_hex(4)

    async def hold(self) -> None:
        """
        Connect and take the lock, for a process that starts.

        Raises:
            DatabaseInUse: Another process has it; names that one.
            StorageError: The database did not answer.
        """
        await self.run(None, lambda _: asyncio.sleep(0))

    async def run(self, change_id: int | None, work: Callable[[Connection], Awaitable[T]]) -> T:
        """
        Do something on the connection; when it fails or is cancelled in the middle, the connection is given up.

        Raises:
            DatabaseTaken: While the connection was lost another process came and took the lock.
            StorageError: Whatever else went wrong, in our words.
        """
        return await self._thread.run(self._in_turn(change_id, work))

    def write_for(self, spool_id: str) -> None:
        """Name the spool that is written: after a lost connection no other one may have come further than it."""
        self._spool_id = spool_id

    async def close(self) -> None:
        """Let the connection and with it the lock go, for good."""
        await self._thread.close(self._disconnect)

    async def _in_turn(self, change_id: int | None, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with (
            self._turn
        ):  # confirmations come between batches; one that was cancelled is still tidying up
            return await self._guarded(change_id, work)

    async def _guarded(self, change_id: int | None, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            return await work(await self._connection())
        except (StorageError, ConfigError, DatabaseInUse):
            self._drop_if_broken()
            raise
        except Exception as exc:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # the driver covers it with an error of its own
                self._terminate()
                raise asyncio.CancelledError from exc
            if isinstance(exc, TimeoutError):  # a line that died may be silent for ever
                self._terminate()
            self._drop_if_broken()
            raise in_our_words(exc, change_id, self._address.shown) from exc
        except BaseException:
            self._terminate()
            raise

    async def _connection(self) -> Connection:
        if self._opened is not None and not self._opened.is_closed():
            return self._opened
        connection = await connect(self._address, "writer", STATEMENT_TIMEOUT_S, self._token)
        try:
            await _use_milliseconds(connection)
            await self._lock(connection)
        except BaseException:
            connection.terminate()
            raise
        self._opened = connection
        return connection

    async def _lock(self, connection: Connection) -> None:
        holder = await _other_holder(connection)
        if holder is not None and f" {self._token} " in holder.name:
            # Our lost session, which the server still takes for alive.
            await connection.fetchval("SELECT pg_terminate_backend($1, 5000)", holder.pid)
            holder = await _other_holder(connection)
        if holder is not None:
            said = f"{holder.name} (session {holder.pid}, from {holder.host})"
            if self._held:
                raise DatabaseTaken(None, f"the database was taken over by {said}")
            raise DatabaseInUse(self._address.shown, said)
        if self._spool_id and await connection.fetchval(_OVERTAKEN, self._spool_id):
            raise DatabaseTaken(None, "another process has written to the database while it was out of reach")
        if self._held:
            log.warning("database_lock_retaken", database=self._address.shown)
        self._held = True

    def _drop_if_broken(self) -> None:
        if self._opened is not None and (self._opened.is_closed() or self._opened.is_in_transaction()):
            self._terminate()

    def _terminate(self) -> None:
        connection, self._opened = self._opened, None
        if connection is not None:
            connection.terminate()

    async def _disconnect(self) -> None:
        connection, self._opened = self._opened, None
        if connection is not None:
            with suppress(*DRIVER_ERRORS):
                await connection.close(timeout=2)


async def _other_holder(connection: Connection) -> _Holder | None:
    """Take the lock and return None, or return who has it."""
    for _ in range(3):  # whoever had it may be gone before we have asked who it was
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
            return None
        if holder := await connection.fetchrow(_HOLDER, LOCK_KEY):
            return _Holder(*holder)
    raise DatabaseUnavailable(None, "the lock on the database changes hands")


async def _use_milliseconds(connection: Connection) -> None:
    def encode(ms: int) -> tuple[int]:
        return (ms * 1000 - _US_1970_TO_2000,)

    def decode(since_2000: tuple[int]) -> int:
        return (since_2000[0] + _US_1970_TO_2000) // 1000

    await connection.set_type_codec(
        "timestamptz", schema="pg_catalog", encoder=encode, decoder=decode, format="tuple"
    )


class _LoopThread:
    """A thread with an event loop; begun at the first use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what the coroutine returns over there; cancelling this cancels that."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_run, args=(self._loop,), name=self._name, daemon=True).start()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Wait for what was cancelled, do the last thing, end the thread; a second call does nothing."""
        loop, self._loop = self._loop, None
        if loop is None:
            return

        async def finish() -> None:
            running = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.wait(running, timeout=5) if running else None
            await last()

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(finish(), loop))
        loop.call_soon_threadsafe(loop.stop)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()
