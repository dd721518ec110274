"""An event loop in a thread of its own, for those who have none."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

LOOK_S = 0.5  # how often a wait looks for Ctrl-C where the system does not interrupt it
JOIN_S = 5.0

T = TypeVar("T")


class Worker:
    """Does what other threads submit; Ctrl-C reaches them while they wait."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._lock = threading.Lock()
        self._is_ended = False
        self._thread = threading.Thread(target=self._serve, name="overround-feed", daemon=True)
        self._thread.start()

    @property
    def is_ended(self) -> bool:
        """Return whether it takes no more work."""
        return self._is_ended

    def submit(self, work: Coroutine[Any, Any, T]) -> "concurrent.futures.Future[T]":
        """
        Begin some work.

        Raises:
            RuntimeError: The feed is closed.
        """
        with self._lock:
            if self._is_ended:
                work.close()
                raise RuntimeError("the feed is closed; connect again")
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work and return its result; Ctrl-C cancels it. Raises: RuntimeError, as `submit`."""
        future = self.submit(work)
        try:
            return wait(future)
        except BaseException:
            future.cancel()
            raise

    def call(self, function: Callable[[], T]) -> T:
        """Call a function between two steps of the loop; directly once there is no loop."""

        async def called() -> T:
            return function()

        return function() if self._is_ended else self.do(called())

    def end(self) -> None:
        """Cancel what is under way, stop the loop and join the thread."""
        with self._lock:
            if not self._is_ended:
                self._is_ended = True
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(JOIN_S)

    def _serve(self) -> None:
        with asyncio.Runner(
            loop_factory=lambda: self._loop
        ) as runner:  # cancels on leaving what is under way
            runner.run(self._end_wanted())

    async def _end_wanted(self) -> None:
        await self._stop.wait()


def wait(future: "concurrent.futures.Future[T]", timeout_s: float | None = None) -> T:
    """
    Return a result; Ctrl-C ends the wait, not the work.

    Raises:
        TimeoutError: It is not there in time.
    """
    left_s = float("inf") if timeout_s is None else timeout_s
    while not future.done():
        if left_s <= 0:
            raise TimeoutError
        step_s = min(LOOK_S, left_s)
        concurrent.futures.wait([future], step_s)
        left_s -= step_s
    return future.result()
