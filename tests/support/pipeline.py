"""Intake with everything around it that has no thread and no wire: a spool in memory, a bookmaker that speaks JSON."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bus.memory import MemoryBus
from overround.cache.odds_cache import OddsCache
from overround.config import Settings, packaged_catalogue
from overround.domain.diff import Changes
from overround.domain.events import ListedEvent
from overround.domain.sanity import Sanity
from overround.errors import PayloadChanged, StorageError
from overround.scraping.acceptance import Acceptance, Door
from overround.scraping.intake import Answer, Intake, ScopedAnswer, Taken
from overround.storage.identities import Identities
from overround.storage.records import Encoder, WriteBatch
from tests.support.books import parsed
from tests.support.clock import START, FakeClock, settle

CATALOGUE = packaged_catalogue()
KICKOFF = START + timedelta(hours=3)

T = TypeVar("T")


class MemorySpool:
    """Keeps accepted batches in a list; `failing` makes it refuse, `slow` hang, `full` say so."""

    def __init__(self) -> None:
        self.batches: list[tuple[bytes, ...]] = []
        self.failing = self.full = False
        self.slow: asyncio.Event | None = None

    async def accept(self, pieces: Sequence[bytes], run_id: str | None, at: datetime) -> int:
        if self.slow:
            await self.slow.wait()
        if self.failing:
            raise StorageError(None, "no space left on device")
        self.batches.append(tuple(pieces))
        return len(self.batches)


class PlainBookmaker:
    """Reads {"3743|": [odds...], ...}, and market ids to doubt under "doubt"; anything else is another shape."""

    code, name = "betpawa", "BetPawa"

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        try:
            prices = msgspec.json.decode(body, type=dict[str, list[float | str]])
        except ValueError as exc:
            raise PayloadChanged(self.code, "event", str(exc)) from exc
        doubtful = frozenset(map(str, prices.pop("doubt", ())))
        markets = [parsed(*_key(key, [float(price) for price in odds])) for key, odds in prices.items()]
        return ParsedEvent(
            "own",
            "1",
            None,
            KICKOFF,
            "Enyimba",
            "Rangers",
            "Nigeria",
            "NPFL",
            "football",
            {m.key: m for m in markets},
            doubtful=doubtful,
        )


def _key(key: str, odds: list[float]) -> tuple[str, list[float], str]:
    market_id, _, line = key.partition("|")
    return market_id, odds, line


class Pipeline:
    """One event at BetPawa and SportyBet, registered and waiting for answers."""

    def __init__(self) -> None:
        self.while_parsing: Callable[[], Awaitable[object]] | None = None
        self.clock, self.bus, self.cache = FakeClock(), MemoryBus(), OddsCache(CATALOGUE)
        self.spool = MemorySpool()
        self.delivered: list[WriteBatch] = []
        self.published: list[Changes] = []
        self.settings = Settings()
        acceptance = Acceptance(self.cache, self.bus, self.settings, self.clock)
        bookmakers = {code: PlainBookmaker() for code in ("betpawa", "sportybet", "bet9ja")}
        self.intake = Intake(acceptance, bookmakers, Sanity(CATALOGUE), parsing=self._parse)  # type: ignore[arg-type]

    async def _parse(self, work: Callable[[], T]) -> T:
        parsed = work()
        if self.while_parsing:
            await self.while_parsing()
        return parsed

    async def _deliver(self, batch: WriteBatch) -> None:
        self.delivered.append(batch)

    async def __aenter__(self) -> "Pipeline":
        self._subscription = self.bus.subscribe(Changes)
        self._messages = await self._subscription.__aenter__()
        await self.intake.start(Door(self.spool, Encoder(Identities()), self._deliver))
        await self.intake.register(
            {"1": {code: self.row(code) for code in ("betpawa", "sportybet")}}, self.clock.now()
        )
        await self.intake.flush()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.spool.failing = self.spool.full = False
        self.spool.slow = None
        await self.intake.stop()
        await self._subscription.__aexit__(None, None, None)

    def row(self, bookmaker: str, **changed: object) -> ListedEvent:
        row = ListedEvent(f"{bookmaker}-1", "1", KICKOFF, "Enyimba", "Rangers", "Nigeria", "NPFL")
        return msgspec.structs.replace(row, **changed)

    async def answer(self, body: object, number: int | None = None, bookmaker: str = "betpawa") -> Taken:
        """Take one full answer fetched now; `body` is encoded unless it is bytes."""
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        number = number or self.intake.number()
        return await self.intake.take(Answer(bookmaker, "1", "own", "event", number, self.clock.now(), raw))

    async def listed(self, market_id: str, odds: list[float], number: int | None = None) -> Taken:
        """Take what a list answer says of one main market."""
        number = number or self.intake.number()
        return await self.intake.take_scoped(
            ScopedAnswer(
                "betpawa", "1", number, self.clock.now(), (parsed(market_id, odds),), frozenset({market_id})
            )
        )

    def odds(self, market_id: str, line: str = "", bookmaker: str = "betpawa") -> tuple[int, ...]:
        """Return what a reader of the cache sees."""
        entry = self.cache.listing("1", bookmaker)
        assert entry
        return next(
            m.odds_milli for m in entry.markets.values() if (m.key.market_id, m.key.line) == (market_id, line)
        )

    def messages(self) -> list[Changes]:
        """Return what was published since the last call."""
        queue, taken = self._messages.queue, []
        while not queue.empty():
            taken.append(queue.get_nowait())
        return taken


async def let_run(pipeline: Pipeline, seconds: float = 0.2) -> None:
    """Let batches close by their timer."""
    await pipeline.clock.advance(seconds)
    await settle()
