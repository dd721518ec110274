"""ParserThread: one body after the other, beside the loop."""

import asyncio
import threading

import pytest

from overround.errors import EventGone
from overround.scraping.parser_thread import ParserThread


@pytest.fixture
def parsing():
    made = ParserThread()
    yield made
    made.close()


async def test_the_loop_goes_on_while_a_body_is_parsed(parsing):
    """The work waits for something that only the loop can do meanwhile."""
    done = threading.Event()
    asyncio.get_running_loop().call_soon(done.set)
    assert await parsing(lambda: (done.wait(60), threading.current_thread().name)) == (True, "parser_0")


async def test_what_a_parser_raises_reaches_whoever_waits(parsing):
    """The thread goes on with the next body."""

    def broken() -> None:
        raise EventGone("betpawa", "event", "no such match")

    with pytest.raises(EventGone):
        await parsing(broken)
    assert await parsing(lambda: 1) == 1


async def test_after_an_end_it_begins_anew(parsing):
    """A second end does nothing."""
    assert await parsing(lambda: 1) == 1
    parsing.close()
    parsing.close()
    assert await parsing(lambda: 2) == 2


async def test_closing_waits_for_the_body_that_is_parsed(parsing):
    """Whoever was waiting for it may be gone."""
    began, parsed = threading.Event(), list[str]()

    def slow() -> None:
        began.set()
        parsed.append("whole")

    waiting = asyncio.ensure_future(parsing(slow))
    await asyncio.to_thread(began.wait, 60)
    waiting.cancel()
    parsing.close()
    assert parsed == ["whole"]
