"""I10: whatever becomes of links and messages, the client ends with the server's state."""

import asyncio
import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from overround.api.ws.filters import FilterRequest, OddsFilter, one_event, read_filter
from overround.client import Change
from overround.client.messages import Market
from tests.support.api import World, priced, three_way
from tests.support.clock import settle
from tests.support.feeds import HubDialler
from tests.support.held import held
from tests.support.stream import start_hub, truth

IDS, BOOKMAKERS = ("1", "2", "3"), ("betpawa", "sportybet", "bet9ja")
PRICES = st.sampled_from((0.0, 1.5, 2.0, 2.5))
CHOICES: dict[str, FilterRequest | None] = {
    "main": None,
    "all": FilterRequest(markets="all"),
    "one bookmaker": FilterRequest(bookmakers=["betpawa"]),
}


class Client(RuleBasedStateMachine):
    """One client; every step changes the server's prices or ill-treats the link."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.told: dict[tuple[str, str, str, str], Market] = {}

    @initialize(choice=st.sampled_from((*CHOICES, "event")), conflate_ms=st.sampled_from((0, 400)))
    def connect(self, choice: str, conflate_ms: int) -> None:
        self.loop.run_until_complete(self._connect(choice, conflate_ms))

    async def _connect(self, choice: str, conflate_ms: int) -> None:
        self.world = World()
        self.world.offer("1", "betpawa", [three_way()])
        self.hub = await start_hub(self.world)
        self.dialler = HubDialler(self.hub, self.world)
        self.dialler.held = True
        self.feed = await self.dialler.feed()
        if choice == "event":
            self.chosen: OddsFilter = one_event("1")
            self.odds = self.feed.event("1", conflate_ms=conflate_ms, initial=True)
        else:
            request = CHOICES[choice]
            self.chosen = read_filter(request)
            self.odds = self.feed.odds(
                bookmakers=request and request.bookmakers,
                markets=request and request.markets,
                conflate_ms=conflate_ms,
                initial=True,
            )
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for change in self.odds:
            self._apply(change)

    def _apply(self, change: Change) -> None:
        """Follow the changes alone: they must lead to the local copy."""
        key = (change.event.sportradar_id, change.bookmaker, change.market_id, change.line)
        assert self.told.get(key) == change.before
        if change.after is None:
            del self.told[key]
        else:
            self.told[key] = change.after

    def _turn(self, seconds: float = 0.001) -> None:
        self.loop.run_until_complete(self.world.clock.advance(seconds))

    @rule(sportradar_id=st.sampled_from(IDS), bookmaker=st.sampled_from(BOOKMAKERS), home=PRICES, over=PRICES)
    def answer(self, sportradar_id: str, bookmaker: str, home: float, over: float) -> None:
        markets = [
            three_way(home, 3.2, 3.05),
            priced("5000", (over, 1.9), "2.5"),
            priced("4703", (over, 2.5)),
        ]
        self.world.offer(sportradar_id, bookmaker, markets)
        self._turn()

    @rule(sportradar_id=st.sampled_from(IDS))
    def evict(self, sportradar_id: str) -> None:
        self.world.accept(removed=[sportradar_id])
        self._turn()

    @rule(count=st.integers(1, 6))
    def deliver(self, count: int) -> None:
        self.dialler.link.pass_on(count)
        self._turn()

    @precondition(lambda self: self._frames())
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        """A frame arrives again, at once or later."""
        waiting = self.dialler.link.waiting
        position = data.draw(st.sampled_from(self._frames()))
        waiting.insert(data.draw(st.integers(position + 1, len(waiting))), waiting[position])

    @precondition(lambda self: len(self._frames()) > 1)
    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        """Two neighbouring frames change places; control messages, heartbeats among them, keep theirs."""
        frames, waiting = self._frames(), self.dialler.link.waiting
        pairs = [position for position in frames if position + 1 in frames]
        if pairs:
            at = data.draw(st.sampled_from(pairs))
            waiting[at], waiting[at + 1] = waiting[at + 1], waiting[at]

    @rule()
    def drop(self) -> None:
        """What was on the way is lost with the link."""
        self.dialler.link.lose()
        self._turn()

    @rule(seconds=st.sampled_from((0.5, 5.0, 16.0, 130.0)))
    def wait(self, seconds: float) -> None:
        self._turn(seconds)

    @rule()
    def restart_of_the_server(self) -> None:
        old, self.hub = self.hub, self.loop.run_until_complete(start_hub(self.world))
        self.dialler.hub = self.hub
        self.dialler.link.lose()
        self.loop.run_until_complete(old.stop())
        self._turn()

    def _frames(self) -> list[int]:
        """Return the places of what belongs to a topic's sequence among what is on the way."""
        if not hasattr(self, "dialler"):
            return []
        kinds = [json.loads(text)["type"] for text in self.dialler.link.waiting]
        return [position for position, kind in enumerate(kinds) if kind in ("odds_update", "snapshot")]

    def teardown(self) -> None:
        if hasattr(self, "feed"):
            self.loop.run_until_complete(self._compare())
        self.loop.close()

    async def _compare(self) -> None:
        """Let everything arrive and hold copy, changes told and truth side by side."""
        self.dialler.held = False
        for link in self.dialler.links:
            link.held = False
            link.pass_on(len(link.waiting))
        await self.world.clock.advance(40)
        assert held(self.odds.book) == truth(self.world, self.chosen)
        book = self.odds.book
        keys = {(m.sportradar_id, m.bookmaker, m.market_id, m.line): m for m in book.markets()}
        assert self.told == keys
        await self.feed.stop()
        await settle()
        assert not self.reader.exception()
        await self.hub.stop()


Client.TestCase.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, derandomize=True, database=None
)
test_a_client_ends_with_the_servers_state = Client.TestCase
