"""The bus of a single process: one unbounded queue per subscription, filled synchronously."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any


class MemorySubscription:
    """Messages waiting for one subscriber."""

    def __init__(self, types: tuple[type[Any], ...]) -> None:
        self.types = types
        self.queue: asyncio.Queue[Any] = asyncio.Queue()

    def __aiter__(self) -> "MemorySubscription":
        return self

    async def __anext__(self) -> Any:
        return await self.queue.get()

    def take_waiting(self) -> list[Any]:
        return [self.queue.get_nowait() for _ in range(self.queue.qsize())]


class MemoryBus:
    """Delivers by reference: messages are frozen values."""

    def __init__(self) -> None:
        self._subscriptions: list[MemorySubscription] = []

    def publish(self, message: object) -> None:
        for subscription in self._subscriptions:
            if isinstance(message, subscription.types):
                subscription.queue.put_nowait(message)

    @asynccontextmanager
    async def subscribe(self, *types: type[Any]) -> AsyncGenerator[MemorySubscription]:
        subscription = MemorySubscription(types)
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)
