"""Where bodies are parsed: beside the loop, so that whoever asks the process waits for milliseconds, not for a body."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")


class Parsing(Protocol):
    """Does one piece of parsing after the other and returns what it gives."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]: ...


async def in_the_loop(work: Callable[[], T]) -> T:
    """Parse at once, in the loop's own thread: what a test sees does not depend on threads."""
    return work()


class ParserThread:
    """
    One thread that parses; the interpreter takes it from there whenever the loop has something to do.

    It begins with the first body, again after `close` too: a replay opens one engine several times.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None

    async def __call__(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="parser")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """End the thread; a body that is being parsed is finished."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
