"""Several requests at once, whose answers count only as a whole."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(requests: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """
    Return every answer, in the order of the requests; how many run at once is the transport's business.

    Raises:
        BookmakerError: The first failure, as itself; the other requests are given up.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(request) for request in requests]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
