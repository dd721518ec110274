"""What reading and small changes ask of a database."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection


class Connections(Protocol):
    """Opens connections; what goes wrong on them is a `StorageError`."""

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a connection for queries."""
        ...

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction."""
        ...
