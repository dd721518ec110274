"""Intake and players: one name for each man at every bookmaker, whoever answers first, over a restart as well."""

from collections.abc import Callable

import msgspec
import pytest

from overround.bookmakers.base import ParsedEvent, nothing
from overround.domain.diff import Unmapped
from overround.domain.markets import MarketKey, ParsedMarket, Player
from overround.domain.sanity import Sanity
from overround.scraping.acceptance import Acceptance, Door
from overround.scraping.intake import Intake
from overround.storage.identities import Identities
from overround.storage.records import Encoder
from tests.support.pipeline import CATALOGUE, KICKOFF, Pipeline

SCORERS = "129108"
MBAPPE, BOBB = ("Kylian Mbappe", "796046", 2.5), ("Oscar Bobb", "1956474", 6.0)


class ScorersOnly:
    """Reads [[name, Sportradar id, odds], …] as the market of scorers."""

    code, name = "betpawa", "BetPawa"

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        rows = msgspec.json.decode(body, type=list[tuple[str, str, float]])
        market = ParsedMarket(
            MarketKey(SCORERS),
            tuple(name for name, _, _ in rows),
            tuple(round(odds * 1000) for _, _, odds in rows),
            players=tuple(Player(name, number) for name, number, _ in rows),
        )
        return ParsedEvent(
            "own", "1", None, KICKOFF, "Norway", "France", "World", "Cup", "football", {market.key: market}
        )


class PlayersPipeline(Pipeline):
    """The pipeline with bookmakers that list scorers; `restart` keeps only what the cache holds."""

    def __init__(self) -> None:
        super().__init__()
        self._make_intake()

    async def restart(self) -> None:
        await self.intake.stop()
        self._make_intake()
        await self.intake.start(Door(self.spool, Encoder(Identities()), self._deliver))

    async def scorers(self, bookmaker: str, *rows: tuple[str, str, float]) -> dict[str, int]:
        """Take one answer; return what a reader then sees of that bookmaker's scorers."""
        await self.answer(list(rows), bookmaker=bookmaker)
        await self.intake.flush()
        return self.shown(bookmaker)

    def shown(self, bookmaker: str) -> dict[str, int]:
        entry = self.cache.listing("1", bookmaker)
        assert entry
        market = entry.markets[MarketKey(SCORERS)]
        return {name: odds for name, odds in zip(market.names, market.odds_milli, strict=True) if odds}

    def _make_intake(self) -> None:
        acceptance = Acceptance(self.cache, self.bus, self.settings, self.clock)
        bookmakers = {code: ScorersOnly() for code in ("betpawa", "sportybet", "msport")}
        self.intake = Intake(acceptance, bookmakers, Sanity(CATALOGUE))  # type: ignore[arg-type]


@pytest.fixture
async def pipeline():
    async with PlayersPipeline() as made:
        row = {"1": {"msport": made.row("msport")}}
        await made.intake.register(row, made.clock.now())
        yield made


async def test_a_player_has_one_name_at_every_bookmaker(pipeline):
    """The first name stays; ids and words lead the others to it."""
    await pipeline.scorers("betpawa", ("Kylian Sanmi Mbappe Lottin", "", 2.4))
    assert await pipeline.scorers("sportybet", MBAPPE, BOBB) == {
        "Kylian Sanmi Mbappe Lottin": 2500,
        "Oscar Bobb": 6000,
    }
    assert await pipeline.scorers("msport", ("K. Mbappe-Lottin", "796046", 2.6)) == {
        "Kylian Sanmi Mbappe Lottin": 2600
    }


async def test_names_stay_over_a_restart_whoever_answers_first(pipeline):
    """Ids are learned again, names come from the cache: no change where no price moved."""
    await pipeline.scorers("betpawa", ("Kylian Sanmi Mbappe Lottin", "", 2.4))
    shown = {code: await pipeline.scorers(code, MBAPPE, BOBB) for code in ("sportybet", "msport")}
    await pipeline.restart()
    for bookmaker in ("msport", "sportybet"):
        assert (await pipeline.answer([MBAPPE, BOBB], bookmaker=bookmaker)).markets_changed == 0
        assert pipeline.shown(bookmaker) == shown[bookmaker]


async def test_who_is_in_doubt_is_counted_as_unmapped(pipeline):
    """His price is not shown under anybody's name, and that is told."""
    await pipeline.scorers("betpawa", ("Jens Petter Hauge", "", 9.0), ("Jens Ole Hauge", "", 8.0))
    assert await pipeline.scorers("sportybet", ("Jens Hauge", "1", 9.5), BOBB) == {"Oscar Bobb": 6000}
    assert pipeline.cache.listing("1", "sportybet").unmapped == (
        Unmapped("players:129108", "players who can't be told for sure", 1),
    )


async def test_an_equal_body_is_read_again_once_its_players_are_known_better(pipeline):
    """MSport's second spelling proves that SportyBet's man is BetPawa's; SportyBet's body has not changed."""
    await pipeline.scorers("betpawa", ("Thelonius Gerard Aasgaard", "", 7.0))
    assert await pipeline.scorers("sportybet", ("Thelo Aasgaard", "9", 7.5)) == {"Thelo Aasgaard": 7500}
    await pipeline.scorers("msport", ("Thelonius Aasgaard", "9", 7.2))
    assert await pipeline.scorers("sportybet", ("Thelo Aasgaard", "9", 7.5)) == {
        "Thelonius Gerard Aasgaard": 7500
    }


async def test_an_evicted_event_forgets_its_players(pipeline):
    """An id that comes back with another match brings no names along."""
    await pipeline.scorers("betpawa", ("Kylian Sanmi Mbappe Lottin", "", 2.4))
    pipeline.intake.evict(["1"])
    await pipeline.intake.register({"1": {"sportybet": pipeline.row("sportybet")}}, pipeline.clock.now())
    assert await pipeline.scorers("sportybet", MBAPPE) == {"Kylian Mbappe": 2500}
