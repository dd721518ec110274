"""Connections to PostgreSQL: opened in one way, named so that an operator can tell them apart, errors in our words."""

import os
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import msgspec

from overround.errors import ConfigError, DatabaseRefuses, DatabaseUnavailable, RowRefused, StorageError

OLDEST_VERSION = 16
CONNECT_TIMEOUT_S = 10
LOCK_TIMEOUT_S = 10  # for another session's lock, as `ALTER TABLE` of a colleague takes it

DRIVER_ERRORS: tuple[type[Exception], ...] = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

# SQLSTATE classes and codes. Source: PostgreSQL's manual, appendix A.
_PASSING = (
    "08",
    "40",
    "55P03",
    "57",
    "53300",
    "53200",
)  # connection, rollback, lock, shutdown, timeout, load
_ROWS = ("22", "23", "54")  # value, constraint, too large
_OPERATORS = (
    "25006",
    "28",
    "3D",
    "3F",
    "42",
    "53",
    "55",
    "58",
    "F0",
    "XX",
)  # read-only, rights, tables, disk, damage


class Address(msgspec.Struct, frozen=True):
    """Where a database is. The whole address holds a password, so only `shown` may reach a message."""

    dsn: str

    @property
    def shown(self) -> str:
        """Return the address without password and options."""
        parts = urlsplit(self.dsn)
        host = parts.netloc.rpartition("@")[2]
        return f"postgresql://{host}{parts.path}"

    def __repr__(self) -> str:
        return f"Address({self.shown})"


class Cursor(Protocol):
    """Rows of a query, fetched little by little."""

    async def fetch(self, n: int) -> Sequence[Sequence[Any]]: ...


class Connection(Protocol):
    """What we ask of asyncpg's connection, which itself is without types."""

    async def execute(self, query: str, *args: object) -> str: ...
    async def executemany(self, command: str, args: Iterable[Sequence[object]]) -> None: ...
    async def fetch(self, query: str, *args: object) -> Sequence[Sequence[Any]]: ...
    async def fetchrow(self, query: str, *args: object) -> Sequence[Any] | None: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...
    async def cursor(self, query: str, *args: object) -> Cursor: ...
    async def copy_records_to_table(self, table_name: str, *, records: Iterable[Sequence[object]]) -> str: ...
    async def set_type_codec(
        self,
        typename: str,
        *,
        schema: str,
        encoder: Callable[..., Any],
        decoder: Callable[..., Any],
        format: str,  # noqa: A002  # its name, not ours
    ) -> None: ...
    def transaction(self, *, readonly: bool = False) -> AbstractAsyncContextManager[None]: ...
    def get_server_version(self) -> Any: ...
    def is_closed(self) -> bool: ...
    def is_in_transaction(self) -> bool: ...
    def terminate(self) -> None: ...
    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109


async def connect(address: Address, purpose: str, statement_timeout_s: int, token: str = "") -> Connection:
    """
    Open a connection.

    Args:
        purpose: What it is for; part of the name that `pg_stat_activity` shows.
        token: By which its owner knows it again; part of the name too.
        statement_timeout_s: After which the server gives a statement up; 0: never.
    Raises:
        ConfigError: The server is older than we can work with, or the address has odd options.
        asyncpg.PostgresError, OSError: There is no connection.
    """
    try:
        opened: object = await asyncpg.connect(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            address.dsn,
            timeout=CONNECT_TIMEOUT_S,
            # The client's own limit, a little later, is for a server that no longer answers at all.
            command_timeout=statement_timeout_s + 5 if statement_timeout_s else None,
            server_settings={
                "application_name": application_name(purpose, token),
                "statement_timeout": str(statement_timeout_s * 1000),
                "lock_timeout": str(LOCK_TIMEOUT_S * 1000),
                "idle_in_transaction_session_timeout": "60000",
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
                "timezone": "UTC",
                "jit": "off",
            },
        )
    except asyncpg.ClientConfigurationError as exc:  # its text may quote the address
        raise ConfigError(
            "OVERROUND_DATABASE_URL", f"{address.shown} has options that can't be used: {type(exc).__name__}"
        ) from None
    connection = cast(Connection, opened)
    if connection.get_server_version().major < OLDEST_VERSION:
        found = connection.get_server_version()
        await connection.close()
        raise ConfigError(
            "OVERROUND_DATABASE_URL",
            f"{address.shown} is PostgreSQL {found.major}.{found.minor}; Overround needs {OLDEST_VERSION} or newer",
        )
    return connection


def application_name(purpose: str, token: str = "") -> str:
    """Return a session's name: at most the 63 characters that PostgreSQL keeps."""
    words = ["overround", purpose, token, f"pid {os.getpid()} on {socket.gethostname()}"]
    return " ".join(word for word in words if word)[:63]


def in_our_words(exc: BaseException, change_id: int | None, database: str) -> StorageError:
    """Return what an error of the server, of the connection or of turning values into parameters means."""
    said = f"database {database}: {exc or repr(exc)}"
    state = getattr(exc, "sqlstate", None)
    if isinstance(state, str):
        if state.startswith(_PASSING):
            return DatabaseUnavailable(change_id, said)
        if state.startswith(_ROWS):
            return RowRefused(change_id, said)
        return (
            DatabaseRefuses(change_id, said)
            if state.startswith(_OPERATORS)
            else StorageError(change_id, said)
        )
    if isinstance(exc, OSError):
        return DatabaseUnavailable(change_id, said)
    if isinstance(exc, (OverflowError, UnicodeError, TypeError, ValueError)):  # asyncpg's DataError is one
        return RowRefused(change_id, said)
    if isinstance(exc, asyncpg.InterfaceError):  # used after the connection was lost
        return DatabaseUnavailable(change_id, said)
    return StorageError(change_id, said)
