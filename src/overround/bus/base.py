"""The bus contract: typed messages, in publish order per subscriber, to whoever subscribed before."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

M = TypeVar("M", covariant=True)


class Subscription(Protocol[M]):
    """An ordered stream of messages of the subscribed types."""

    def __aiter__(self) -> "Subscription[M]": ...
    async def __anext__(self) -> M: ...

    def take_waiting(self) -> Sequence[M]:
        """Return every message that has arrived and was not read yet, without waiting."""
        ...


class Bus(Protocol):
    """Publish-subscribe by message type. `publish` never waits for a subscriber."""

    def publish(self, message: object) -> None:
        """Hand a message to every subscription of its type, in order."""
        ...

    def subscribe(self, *types: type[Any]) -> AbstractAsyncContextManager[Subscription[Any]]:
        """Open a subscription to these message types; it ends with the context."""
        ...
