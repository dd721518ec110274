"""The bookmakers that have a simulated server, by code."""

from collections.abc import Callable, Iterable

from overround.bookmakers.base import Simulator
from overround.bookmakers.bet9ja import simulator as bet9ja
from overround.bookmakers.betika import simulator as betika
from overround.bookmakers.betpawa import simulator as betpawa
from overround.bookmakers.betway import simulator as betway
from overround.bookmakers.msport import simulator as msport
from overround.bookmakers.sportybet import simulator as sportybet

_CREATE: dict[str, Callable[[], Simulator]] = {
    "betpawa": betpawa.create,
    "sportybet": sportybet.create,
    "bet9ja": bet9ja.create,
    "msport": msport.create,
    "betway": betway.create,
    "betika": betika.create,
}


def create(bookmakers: Iterable[str]) -> dict[str, Simulator]:
    """Return a new simulator of each bookmaker, reference first."""
    wanted = set(bookmakers)
    return {code: make() for code, make in _CREATE.items() if code in wanted}
