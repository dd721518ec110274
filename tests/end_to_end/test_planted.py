"""Truth: of what the simulator plants, analysis finds exactly everything, from the bookmakers' own bytes."""

from datetime import timedelta

import aiohttp
import pytest

from overround.bookmakers import registry
from overround.domain.catalogue import Catalogue
from overround.simulator import simulators
from overround.simulator.plants import PHASE_S, PLANTED_MARKET
from overround.simulator.profiles import MAIN_BOOKMAKERS
from overround.simulator.server import SimulatorServer, running
from overround.simulator.world import World, WorldOptions
from tests.support.api import CATALOGUE
from tests.support.desk import DeskWorld

EVENTS, SHARE = 20, 0.7

pytestmark = pytest.mark.slow


class Watched:
    """A desk that reads a planted world over HTTP, every bookmaker's every event at each look."""

    def __init__(self) -> None:
        self.desk_world = DeskWorld()
        self.makers = simulators.create(MAIN_BOOKMAKERS)
        options = WorldOptions(events=EVENTS, planted=SHARE)
        self.world = World(options, self.desk_world.clock, self.makers)
        self.server = SimulatorServer(self.world, self.makers)
        self.runs = 0

    async def look(self, urls: dict[str, str], session: aiohttp.ClientSession) -> None:
        """Read everything, in one run."""
        self.runs += 1
        for code in MAIN_BOOKMAKERS:
            bookmaker = registry.create(code, CATALOGUE, urls[code])
            for event in self.world.moment().events(code):
                request = bookmaker.event_request(event.event_id)
                async with session.get(request.url, headers=dict(request.headers)) as answer:
                    parsed = bookmaker.parse_event(await answer.read())
                self._accept(code, event.sportradar_id, parsed.markets.values())

    def _accept(self, code, sportradar_id, markets) -> None:
        world = self.desk_world
        change = world.answer(sportradar_id, code, markets)
        world.accept([change], [world.confirmation(sportradar_id, code)], run_id=f"run-{self.runs}")

    def planted(self, kind: str) -> set[str]:
        """Return the matches with this script."""
        return {plant.sportradar_id for plant in self.world.planted(self.world.now()) if plant.kind == kind}

    def crossed_by_truth(self, catalogue: Catalogue) -> set[tuple[str, str]]:
        """Return (event, "market|line") of whatever crosses with our price as a leg, from the true prices alone."""
        found: set[tuple[str, str]] = set()
        for event in self.desk_world.cache:
            truth = self.server.truth(event.header.sportradar_id) or {}
            for key in {key for markets in truth.values() for key in markets}:
                kind = catalogue.find(key.split("|")[0])
                if kind is None or kind.winners is None or not kind.complete:
                    continue
                books = {code: markets[key] for code, markets in truth.items() if key in markets}
                best = [
                    max((odds.get(name, 0) for odds in books.values()), default=0) for name in kind.outcomes
                ]
                if not all(best) or sum(1 / odds for odds in best) / kind.winners >= 1 - 1e-9:
                    continue
                own = books.get("betpawa", {})
                if any(own.get(name) == odds for name, odds in zip(kind.outcomes, best, strict=True)):
                    found.add((event.header.sportradar_id, key))
        return found


async def test_exactly_the_planted_cases_are_found():
    """Quiet, on, quiet again: every surebet, steam, gap and withdrawal, no other in the 1X2, and each one's end."""
    watched = Watched()
    world, desk = watched.desk_world, watched.desk_world.desk
    async with running(watched.server) as urls, aiohttp.ClientSession() as session:
        start = world.clock.now().timestamp() % (2 * PHASE_S)
        assert start == 0, "the tests' clock stands at the beginning of a quiet phase"
        await watched.look(urls, session)
        assert min(len(watched.planted(kind)) for kind in ("surebet", "steam", "gap", "withdrawal")) > 0
        assert _exposed(desk) == set()

        world.wait(PHASE_S)
        await watched.look(urls, session)
        assert _exposed(desk) == watched.planted("surebet")
        crossed = {(each.sportradar_id, f"{each.key.market_id}|{each.key.line}")
                   for each in desk.exposures() if each.mine}  # fmt: skip
        assert crossed == watched.crossed_by_truth(CATALOGUE)
        assert _steamed(desk) == watched.planted("steam")
        assert _off(desk) & _planted(watched) == watched.planted("gap") | watched.planted(
            "surebet"
        ) | watched.planted("steam")
        assert _withdrawn(desk) == watched.planted("withdrawal")
        assert _unanswered(desk) == watched.planted("steam")

        world.wait(PHASE_S)
        await watched.look(urls, session)
        assert _exposed(desk) == set()
        closed = {
            each.sportradar_id: each for each in desk.exposures(closed=True) if each.key == PLANTED_MARKET
        }
        assert closed.keys() == watched.planted("surebet")
        assert all(each.closed_at - each.opened_at == timedelta(seconds=PHASE_S) for each in closed.values())


def _exposed(desk) -> set[str]:
    return {each.sportradar_id for each in desk.exposures() if each.shown and each.key == PLANTED_MARKET}


def _steamed(desk) -> set[str]:
    return {each.sportradar_id for each in desk.movements() if each.steam and each.key == PLANTED_MARKET}


def _off(desk) -> set[str]:
    """Return the events whose own 1X2 is 5 % off the median somewhere."""
    return {
        each.sportradar_id
        for each in desk.comparisons()
        if each.key == PLANTED_MARKET and each.gap is not None and abs(each.gap) >= 0.05
    }


def _planted(watched: Watched) -> set[str]:
    kinds = ("surebet", "steam", "gap", "withdrawal")
    return {sportradar_id for kind in kinds for sportradar_id in watched.planted(kind)}


def _withdrawn(desk) -> set[str]:
    return {
        movement.sportradar_id
        for movement in desk.movements()
        if movement.key == PLANTED_MARKET and any(move.kind == "withdrawn" for move in movement.moves)
    }


def _unanswered(desk) -> set[str]:
    return {
        each.sportradar_id for each in desk.movements() if each.is_unanswered and each.key == PLANTED_MARKET
    }
