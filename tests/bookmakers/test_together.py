"""A list is whole or it failed: half of one must not look like the other half was withdrawn."""

import asyncio

import pytest

from overround.bookmakers.together import together
from overround.errors import BookmakerUnavailable


async def answer(value: int, turns: int = 0) -> int:
    for _ in range(turns):
        await asyncio.sleep(0)
    return value


async def test_answers_come_in_the_order_of_the_requests():
    """Whichever is there first."""
    assert await together([answer(1, turns=5), answer(2), answer(3, turns=2)]) == [1, 2, 3]
    assert await together([]) == []


async def test_a_failure_is_raised_as_itself_and_ends_the_others():
    """Callers handle it by its class; nobody goes on asking for a list that is lost."""
    ended: list[str] = []

    async def fails() -> int:
        raise BookmakerUnavailable("betpawa", "list", "HTTP 502")

    async def waits() -> int:
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            ended.append("given up")

    with pytest.raises(BookmakerUnavailable, match="HTTP 502"):
        await together([waits(), fails()])
    assert ended == ["given up"]
