"""What opening and closing a storage asks of the database's writer besides `WriteHandler`."""

from typing import Protocol

from overround.storage.write_handler import WriteHandler


class Writer(WriteHandler, Protocol):
    """One database's way of writing, from its first batch to its closing."""

    async def begin(self, seq: int) -> None:
        """Let this spool's batches begin behind `seq`. Raises: StorageError."""
        ...

    async def close(self) -> None:
        """Finish the running transaction and let go of the database, for good."""
        ...
