"""I10: whatever happens on the way, a client that applies snapshot and deltas holds the server's state."""

from datetime import datetime, timedelta
from random import Random

import msgspec
import pytest

from overround.api.ws.filters import MAIN_ONLY, FilterRequest, OddsFilter, one_event, read_filter
from overround.domain.current import CurrentListing
from overround.domain.diff import ListingChanges
from overround.domain.events import Listing
from overround.domain.markets import ParsedMarket
from overround.domain.runs import RunFinished, RunProgress, RunReport, SourceHealth
from overround.domain.settle import settle as settle_market
from tests.support.api import KICKOFF, World, header, priced, three_way
from tests.support.books import KEYS, NAMES
from tests.support.clock import START, settle
from tests.support.stream import Copy, StreamClient, start_hub, truth

IDS = ("1", "2", "3")
BOOKMAKERS = ("betpawa", "sportybet", "bet9ja")

FILTERS = [
    None,
    FilterRequest(markets="all"),
    FilterRequest(markets=["5000", "3743"], bookmakers=["betpawa", "bet9ja"]),
    FilterRequest(competitions=["football-nigeria-npfl"]),
    FilterRequest(from_=KICKOFF, to=KICKOFF + timedelta(hours=1), markets="all"),
    FilterRequest(events=["1", "3"], markets="all"),
]

LINKS = [("odds_updates", 0), ("odds_updates", 400), ("event:1", 0), ("event:1", 400)]
WEIGHTS = {
    "answer": 40, "move": 25, "evict": 4, "withdraw": 3, "settle": 20, "wait": 2, "drop": 6, "forget": 1,
    "stall": 2, "flow": 4, "switch": 1,
}  # fmt: skip


def some_markets(random: Random) -> list[ParsedMarket]:
    """Return an answer: any of the main markets and some lines, at any prices, some locked, some not offered."""
    return [
        ParsedMarket(
            key,
            NAMES[key.market_id],
            tuple(random.choice((0, 1500, 2000, 2500)) for _ in NAMES[key.market_id]),
            suspended=random.choice((0, 0, 1, 3)),
        )
        for key in KEYS
        if random.random() < 0.6
    ]


class Walk:
    """One client of one filter through a series of events at the server and on the link."""

    def __init__(
        self, world: World, hub, request: FilterRequest | None, topic: str, conflate_ms: int, random: Random
    ) -> None:
        self.world, self.hub, self.topic, self.random = world, hub, topic, random
        self.request, self.conflate_ms = request, conflate_ms
        self.chosen: OddsFilter = one_event(topic[6:]) if topic.startswith("event:") else read_filter(request)
        self.copy = Copy(topic)
        self.connect(with_since=False)

    def connect(self, with_since: bool) -> None:
        self.client = StreamClient(self.hub, self.world)
        message = {"type": "subscribe", "topics": [self.topic], "conflate_ms": self.conflate_ms}
        if self.request is not None:
            message["filter"] = {
                key: value for key, value in msgspec.to_builtins(self.request).items() if value is not None
            }
        if with_since and self.copy.last >= 0:
            message["since"] = self.copy.since
        self.client.say(**message)

    async def do(self, kind: str) -> None:
        """Take one step; time moves on, for no two answers are of one millisecond."""
        await getattr(self, f"_{kind}")()
        await self.world.clock.advance(0.001)
        self.read()

    def read(self) -> None:
        for message in self.client.news():
            self.copy.apply(message)

    async def compare(self) -> None:
        """Let everything arrive, then hold copy and truth side by side."""
        self.client.socket.flow()
        await settle()
        if self.client.socket.cut_with:
            await self._drop()
        await self.world.clock.advance(1)
        self.read()
        assert self._held() == truth(self.world, self.chosen)

    def _held(self) -> tuple:
        held = self.copy
        rows = {
            key: (
                row["state"],
                _time(row["confirmed_at"]),
                _time(row["changed_at"]),
                {market_id: _time(at) for market_id, at in row["market_confirmed_at"].items()},
            )
            for key, row in held.listings.items()
        }
        markets = {
            key: (
                row["state"],
                [(o["name"], o["odds"], o["state"] == "suspended") for o in row["outcomes"]],
                _time(row["changed_at"]),
                row["suspect"],
            )
            for key, row in held.markets.items()
        }
        return {key: row["kickoff_at"] for key, row in held.events.items()}, rows, markets

    def _listing(self) -> tuple[str, str]:
        return self.random.choice(IDS), self.random.choice(BOOKMAKERS)

    async def _answer(self) -> None:
        scope = frozenset({"3743", "5000"}) if self.random.random() < 0.2 else None
        self.world.offer(*self._listing(), some_markets(self.random), scope=scope)

    async def _move(self) -> None:
        sportradar_id, hours = self.random.choice(IDS), self.random.randint(-1, 2)
        if self.world.cache.event(sportradar_id):
            league = self.random.choice(("NPFL", "La Liga"))
            moved = header(sportradar_id, league=league, kickoff_at=KICKOFF + timedelta(hours=hours))
            self.world.accept(
                [ListingChanges(sportradar_id, "betpawa", self.world.clock.now(), header=moved)]
            )

    async def _evict(self) -> None:
        self.world.accept(removed=[self.random.choice(IDS)])

    async def _withdraw(self) -> None:
        sportradar_id, bookmaker = self._listing()
        if self.world.cache.listing(sportradar_id, bookmaker):
            gone = Listing(sportradar_id, bookmaker, "x", "withdrawn")
            self.world.accept(
                [ListingChanges(sportradar_id, bookmaker, self.world.clock.now(), listing=gone)]
            )

    async def _settle(self) -> None:
        await settle()

    async def _wait(self) -> None:
        await self.world.clock.advance(self.random.choice((1, 6, 130)))

    async def _drop(self) -> None:
        await self.client.leave()
        self.read()
        self.connect(with_since=True)

    async def _forget(self) -> None:
        await self.client.leave()
        self.connect(with_since=False)

    async def _stall(self) -> None:
        self.client.socket.stall()

    async def _flow(self) -> None:
        self.client.socket.flow()

    async def _switch(self) -> None:
        enabled = self.random.choice((["betpawa"], list(BOOKMAKERS)))
        self.world.settings.apply({"enabled_bookmakers": enabled})


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.parametrize("link", LINKS, ids=str)
@pytest.mark.parametrize("number", range(len(FILTERS)))
async def test_a_client_holds_the_servers_state(number, link):
    """I10: for any filter, after any changes, drops, resumes, stalls and waits."""
    topic, conflate_ms = link
    random = Random(f"{number} {link}")
    world = World()
    world.offer("1", "betpawa", [three_way()])
    hub = await start_hub(world)
    walk = Walk(world, hub, FILTERS[number], topic, conflate_ms, random)
    for kind in random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=200):
        await walk.do(kind)
        if random.random() < 0.05:
            await walk.compare()
    await walk.compare()
    await hub.stop()


@pytest.fixture
async def hub(world):
    started = await start_hub(world)
    yield started
    await started.stop()


async def follow(hub, world, *topics: str, **more) -> StreamClient:
    client = StreamClient(hub, world)
    client.say(type="subscribe", topics=list(topics), **more)
    await settle()
    return client


async def test_a_snapshot_is_followed_by_deltas(hub, world):
    """The first delta accounts for the number after the snapshot's."""
    world.offer("1", "betpawa", [three_way()])
    client = await follow(hub, world, "odds_updates")
    subscribed, snapshot = await client.hear("subscribed", "snapshot")
    assert subscribed["data"] == {"topic": "odds_updates", "mode": "snapshot"}
    assert (snapshot["data"]["part"], snapshot["data"]["last"]) == (1, True)
    world.offer("1", "betpawa", [three_way(2.5)])
    (delta,) = await client.hear()
    assert delta["data"]["first_seq"] == delta["seq"] == snapshot["seq"] + 1
    assert (delta["topic"], delta["epoch"]) == ("odds_updates", hub.epoch)
    (change,) = delta["data"]["changes"]
    assert (change["previous"], change["outcomes"][0]["odds"]) == ([2.41, 3.2, 3.05], 2.5)
    assert delta["data"]["run_id"] == "run-1"


async def test_without_a_filter_the_main_markets_are_meant(hub, world):
    """What is filtered away is accounted for all the same."""
    world.offer("1", "betpawa", [three_way()])
    client = await follow(hub, world, "odds_updates")
    await client.hear()
    world.offer("1", "betpawa", [three_way(), priced("4703", (1.5, 2.5))])
    world.offer("1", "betpawa", [three_way(2.6), priced("4703", (1.5, 2.5))])
    changes = [change for delta in await client.hear() for change in delta["data"].get("changes", [])]
    assert {change["market_id"] for change in changes} == {"3743"}


async def test_previous_stands_beside_outcomes(hub, world):
    """One value per outcome that is shown; null where there was no price before."""
    world.offer("1", "betpawa", [three_way(2.4, 0, 3.0)])
    client = await follow(hub, world, "odds_updates")
    await client.hear()
    world.offer("1", "betpawa", [three_way(0, 3.1, 3.0)])
    change = (await client.hear("odds_update"))[0]["data"]["changes"][0]
    assert [outcome["name"] for outcome in change["outcomes"]] == ["X", "2"]
    assert change["previous"] == [None, 3.0]


async def test_conflated_changes_tell_what_was_last_seen(hub, world):
    """Two moves in one frame read as one: from what the client holds to what is now."""
    world.offer("1", "betpawa", [three_way(2.0)])
    client = await follow(hub, world, "odds_updates", conflate_ms=250)
    world.offer("1", "betpawa", [three_way(2.1)])
    await client.hear()
    world.offer("1", "betpawa", [three_way(2.2)])
    world.offer("1", "betpawa", [three_way(2.3)])
    assert await client.hear() == []
    await world.clock.advance(0.25)
    (frame,) = client.news()
    (change,) = frame["data"]["changes"]
    assert (change["previous"][0], change["outcomes"][0]["odds"]) == (2.1, 2.3)
    assert frame["seq"] - frame["data"]["first_seq"] == 1


async def test_a_price_that_makes_another_bookmaker_an_outlier_is_told_of_both(hub, world):
    """The other one's odds are as they were; its `suspect` comes, and goes again."""
    home, away = (1.5, 4.2, 6.5), (6.5, 4.2, 1.5)
    for bookmaker, odds in (("betpawa", home), ("sportybet", away)):
        world.offer("1", bookmaker, [three_way(*odds)])
    client = await follow(hub, world, "odds_updates")
    await client.hear()
    world.offer("1", "bet9ja", [three_way(*home)])
    moved, told = (await client.hear("odds_update"))[0]["data"]["changes"]
    assert (moved["bookmaker"], moved["suspect"]) == ("bet9ja", [])
    assert (told["bookmaker"], told["suspect"], told["previous"]) == ("sportybet", ["outlier"], list(away))
    assert [outcome["odds"] for outcome in told["outcomes"]] == list(away)
    world.offer("1", "bet9ja", [three_way(*away)])
    changes = {
        change["bookmaker"]: change for change in (await client.hear("odds_update"))[0]["data"]["changes"]
    }
    assert {bookmaker: change["suspect"] for bookmaker, change in changes.items()} == {
        "bet9ja": [], "sportybet": [], "betpawa": ["outlier"],
    }  # fmt: skip
    assert changes["betpawa"]["previous"] == list(home)


async def test_a_market_that_moves_and_becomes_an_outlier_is_told_once(hub, world):
    """One change with its previous odds and its new reason."""
    for bookmaker in BOOKMAKERS:
        world.offer("1", bookmaker, [three_way(1.5, 4.2, 6.5)])
    client = await follow(hub, world, "odds_updates")
    await client.hear()
    world.offer("1", "bet9ja", [three_way(6.5, 4.2, 1.5)])
    (change,) = (await client.hear("odds_update"))[0]["data"]["changes"]
    assert (change["suspect"], change["previous"]) == (["outlier"], [1.5, 4.2, 6.5])


async def test_an_event_topic_has_all_markets_and_the_same_numbers(hub, world):
    """A filter on odds_updates under another name."""
    world.offer("1", "betpawa", [three_way(), priced("4703", (1.5, 2.5))])
    client = await follow(hub, world, "event:1", "odds_updates")
    snapshots = {message["topic"]: message for message in await client.hear("snapshot")}
    assert snapshots["event:1"]["seq"] == snapshots["odds_updates"]["seq"]
    assert len(snapshots["event:1"]["data"]["markets"]) == 2
    world.offer("2", "betpawa", [three_way()])
    assert {message["topic"] for message in await client.hear()} == {"odds_updates"}


async def test_a_client_resumes_where_it_stood(hub, world):
    """Everything missed arrives in one frame, nothing else."""
    world.offer("1", "betpawa", [three_way()])
    client = await follow(hub, world, "odds_updates")
    copy = Copy("odds_updates")
    for message in await client.hear():
        copy.apply(message)
    await client.leave()
    world.offer("1", "betpawa", [three_way(2.5)])
    world.offer("2", "bet9ja", [three_way()])
    again = await follow(hub, world, "odds_updates", since=copy.since)
    subscribed, delta = await again.hear()
    assert subscribed["data"]["mode"] == "resumed"
    assert (delta["data"]["first_seq"], delta["seq"]) == (copy.last + 1, hub.odds.seq)


@pytest.mark.parametrize(
    ("since", "waited", "reason"),
    [
        ({"epoch": "another", "seq": 1}, 0, "new_epoch"),
        ({"epoch": None, "seq": 1}, 121, "window_exceeded"),
        ({"epoch": None, "seq": 999}, 0, "window_exceeded"),
    ],
)
async def test_who_cannot_resume_is_told_why(hub, world, since, waited, reason):
    """All or nothing: half of what was missed would be a wrong state."""
    world.offer("1", "betpawa", [three_way()])
    await settle()
    await world.clock.advance(waited)
    world.offer("1", "betpawa", [three_way(2.5)])
    epoch = since["epoch"] or hub.epoch
    client = await follow(hub, world, "odds_updates", since={"odds_updates": {**since, "epoch": epoch}})
    subscribed, snapshot = await client.hear("subscribed", "snapshot")
    assert subscribed["data"] == {"topic": "odds_updates", "mode": "snapshot", "reason": reason}
    assert snapshot["data"]["markets"]


async def test_another_filter_begins_anew(hub, world):
    """What a client holds under one filter says nothing about another."""
    world.offer("1", "betpawa", [three_way()])
    client = await follow(hub, world, "odds_updates")
    seq = (await client.hear("snapshot"))[0]["seq"]
    since = {"odds_updates": {"epoch": hub.epoch, "seq": seq}}
    client.say(type="subscribe", topics=["odds_updates"], since=since, filter={"markets": "all"})
    assert (await client.hear("subscribed"))[0]["data"]["reason"] == "filter_changed"


async def test_who_missed_too_much_begins_anew(hub, world):
    """A replay that does not fit one frame is dearer than a snapshot."""
    world.offer("1", "betpawa", [three_way()])
    since = {"odds_updates": {"epoch": hub.epoch, "seq": hub.odds.seq}}
    for number in range(2500):
        world.offer(f"5{number}", "betpawa", [three_way()])
    hub.catch_up()
    client = await follow(hub, world, "odds_updates", since=since)
    assert (await client.hear("subscribed"))[0]["data"]["reason"] == "slow"


async def test_an_event_that_leaves_the_window_is_removed(hub, world):
    """And one that enters it comes whole."""
    window = {"from": "2026-11-24T15:00:00Z", "to": "2026-11-24T16:00:00Z"}
    world.offer("1", "betpawa", [three_way()])
    client = await follow(hub, world, "odds_updates", filter=window)
    await client.hear()
    for hours, part in ((2, "removed"), (0, "events")):
        moved = header("1", kickoff_at=KICKOFF + timedelta(hours=hours))
        world.accept([ListingChanges("1", "betpawa", START, header=moved)])
        data = (await client.hear("odds_update"))[0]["data"]
        assert part in data
    assert data["changes"][0]["outcomes"][0]["odds"] == 2.41


async def test_large_deltas_leave_in_frames_that_libraries_accept(hub, world):
    """A frame that leaves a rest accounts for nothing yet, so a loss in between costs nothing."""
    client = await follow(hub, world, "odds_updates")
    await client.hear()
    world.accept(
        [world.answer(str(number), "betpawa", [three_way()], header(str(number))) for number in range(2500)]
    )
    frames = await client.hear("odds_update")
    assert len(frames) > 1
    assert max(client.socket.sizes) < 1024 * 1024
    assert [frame["seq"] for frame in frames] == [1] * (len(frames) - 1) + [2]
    assert {frame["data"]["first_seq"] for frame in frames} == {2}
    assert sum(len(frame["data"].get("events", [])) for frame in frames) == 2500


async def test_a_heartbeat_every_five_seconds_accounts_for_what_was_filtered(hub, world):
    """A quiet filter is not a broken link; sources ride along."""
    client = await follow(hub, world, "odds_updates", "status", filter={"events": ["77"]})
    await client.hear()
    world.offer("1", "betpawa", [three_way()])
    await world.clock.advance(5)
    (beat,) = await client.hear("heartbeat")
    assert beat["data"]["seq"] == {"odds_updates": hub.odds.seq, "status": hub.status.seq}
    assert [source["bookmaker"] for source in beat["data"]["sources"]] == ["betpawa", "bet9ja"]
    assert "seq" not in beat


async def test_a_heartbeat_does_not_account_for_what_still_waits(hub, world):
    """A client that resumed from there would never hear of it."""
    world.offer("1", "betpawa", [three_way()])
    client = await follow(hub, world, "odds_updates", conflate_ms=60_000)
    seq = (await client.hear("snapshot"))[0]["seq"]
    world.offer("1", "betpawa", [three_way(2.5)])
    await client.hear()
    world.offer("1", "betpawa", [three_way(2.6)])
    await world.clock.advance(5)
    assert [beat["data"]["seq"]["odds_updates"] for beat in await client.hear("heartbeat")] == [seq + 1]


async def test_a_replay_reaches_up_to_now(hub, world):
    """Two clients that stood at one number come back at different times."""
    world.offer("1", "betpawa", [three_way()])
    hub.catch_up()
    since = {"odds_updates": {"epoch": hub.epoch, "seq": hub.odds.seq}}
    for price in (2.5, 2.6):
        world.offer("1", "betpawa", [three_way(price)])
        client = await follow(hub, world, "odds_updates", since=since)
        (delta,) = await client.hear("odds_update")
        assert delta["data"]["changes"][0]["outcomes"][0]["odds"] == price


async def test_progress_reaches_followers_newest_first_known(hub, world):
    """A newcomer is told how the run stands; each number follows the last."""
    world.bus.publish(RunProgress("r1", "fetch", "betpawa", 3, 10))
    world.bus.publish(RunProgress("r1", "fetch", "betpawa", 4, 10))
    client = await follow(hub, world, "scrape_progress")
    subscribed, standing = await client.hear()
    assert (standing["data"]["current"], standing["seq"], standing["first_seq"]) == (4, 2, 3)
    world.bus.publish(RunFinished(RunReport("r1", "manual", "completed", START, START)))
    (finished,) = await client.hear()
    assert (finished["type"], finished["data"]["status"], finished["seq"]) == ("run_finished", "completed", 3)
    assert finished["data"]["started_at"] == "2026-11-24T12:00:00.000Z"
    assert (await (await follow(hub, world, "scrape_progress")).hear())[1:] == []
    assert subscribed["data"]["mode"] == "snapshot"


async def test_progress_is_replayed_too(hub, world):
    """Topics without filters resume like the odds."""
    world.bus.publish(RunProgress("r1", "fetch", "betpawa", 1, 10))
    world.bus.publish(RunProgress("r1", "fetch", "bet9ja", 2, 10))
    await settle()
    since = {"scrape_progress": {"epoch": hub.epoch, "seq": 1}}
    client = await follow(hub, world, "scrape_progress", since=since)
    subscribed, missed = await client.hear()
    assert subscribed["data"]["mode"] == "resumed"
    assert (missed["seq"], missed["data"]["bookmaker"]) == (2, "bet9ja")


async def test_sources_and_settings_arrive_on_status(hub, world):
    """Health changes and setting changes of anybody reach every open page."""
    client = await follow(hub, world, "status")
    assert [m["data"]["bookmaker"] for m in await client.hear("source_health")] == ["betpawa", "bet9ja"]
    world.bus.publish(SourceHealth("bet9ja", "up", "", START))
    world.settings.apply({"stale_after_s": 60})
    changed, health = sorted(await client.hear(), key=lambda message: message["type"])[::-1]
    assert (changed["type"], health["type"]) == ("source_health", "settings_changed")
    assert health["data"] == {"stale_after_s": 60}


async def test_a_warm_up_after_the_start_gives_everybody_a_new_snapshot(hub, world):
    """The database came late: no delta tells what was loaded, so nobody may miss it, nor what changes next."""
    client = await follow(hub, world, "odds_updates")
    await client.hear()
    world.cache.load([stored("1")])
    await world.clock.advance(1)
    resync, snapshot = await client.hear()
    assert (resync["type"], resync["data"]) == ("resync", {"topic": "odds_updates", "reason": "reloaded"})
    assert snapshot["data"]["events"][0]["sportradar_id"] == "1"
    world.offer("1", "betpawa", [three_way(2.5)])
    assert (await client.hear("odds_update"))[0]["data"]["changes"][0]["previous"] == [2.41, 3.2, 3.05]


def stored(sportradar_id: str) -> CurrentListing:
    """Return a listing as the database gives it back."""
    markets = tuple(settle_market({}, [three_way()], START).values())
    return CurrentListing(
        header(sportradar_id), Listing(sportradar_id, "betpawa", "x"), START, START, markets
    )


async def test_readers_of_one_filter_share_a_snapshot(hub, world):
    """Encoded once per filter and number, whoever pulls it."""
    world.offer("1", "betpawa", [three_way()])
    hub.catch_up()
    assert hub.odds.snapshot(MAIN_ONLY, START) is hub.odds.snapshot(MAIN_ONLY, START)
    world.offer("1", "betpawa", [three_way(2.5)])
    before = hub.odds.snapshot(MAIN_ONLY, START)
    hub.catch_up()
    assert hub.odds.snapshot(MAIN_ONLY, START) is not before


async def test_a_snapshot_tells_the_time_of_its_reader(hub, world):
    """On a quiet server a reader who comes later gets the time of then, not that of the first reader."""
    world.offer("1", "betpawa", [three_way()])
    await follow(hub, world, "odds_updates")
    await world.clock.advance(600)
    (part,) = await (await follow(hub, world, "odds_updates")).hear("snapshot")
    assert part["data"]["now"] == part["timestamp"]


async def test_filters_without_number_keep_only_some_snapshots(hub, world):
    """Every client may bring its own filter; while nothing changes, what is kept for sharing stays bounded."""
    world.offer("1", "betpawa", [three_way()])
    hub.catch_up()
    filters = [OddsFilter(start=START + timedelta(seconds=number)) for number in range(40)]
    kept = [hub.odds.snapshot(chosen, START) for chosen in filters]
    assert hub.odds.snapshot(filters[-1], START) is kept[-1]
    assert hub.odds.snapshot(filters[0], START) is not kept[0]
    replays = [hub.odds.missed(chosen, hub.odds.seq) for chosen in filters]
    assert hub.odds.missed(filters[-1], hub.odds.seq) is replays[-1]
    assert hub.odds.missed(filters[0], hub.odds.seq) is not replays[0]


async def test_a_long_snapshot_comes_in_parts_below_64_kib(hub, world):
    """Parts count from 1, carry one number, and only the last one says so."""
    world.accept(
        [world.answer(str(number), "betpawa", [three_way()], header(str(number))) for number in range(600)]
    )
    client = await follow(hub, world, "odds_updates")
    parts = await client.hear("snapshot")
    assert len(parts) > 2
    assert max(client.socket.sizes) <= 64 * 1024
    assert [part["data"]["part"] for part in parts] == list(range(1, len(parts) + 1))
    assert [part["data"]["last"] for part in parts] == [False] * (len(parts) - 1) + [True]
    assert len({part["seq"] for part in parts}) == 1
    assert sum(len(part["data"]["markets"]) for part in parts) == 600


class Row(msgspec.Struct, frozen=True):
    """A row as a REST list answers it."""

    id: str
    state: str


@pytest.mark.parametrize(("topic", "kind"), [("alerts", "alert"), ("movements", "movement")])
async def test_rows_of_a_list_are_pushed_and_resumed(hub, world, topic, kind):
    """A follower hears of each row; one that comes back hears what it missed, of one row the newest."""
    client = await follow(hub, world, topic)
    hub.publish_row(topic, "7", Row("7", "open"))
    (told,) = await client.hear(kind)
    assert (told["topic"], told["seq"], told["data"]) == (topic, 1, {"id": "7", "state": "open"})
    await client.leave()
    for state in ("closed", "open again"):
        hub.publish_row(topic, "7", Row("7", state))
    again = await follow(hub, world, topic, since={topic: {"epoch": told["epoch"], "seq": told["seq"]}})
    subscribed, newest = await again.hear("subscribed", kind)
    assert subscribed["data"]["mode"] == "resumed"
    assert (newest["first_seq"], newest["seq"], newest["data"]["state"]) == (2, 3, "open again")


async def test_a_work_of_the_hub_that_fails_begins_again(hub, world, monkeypatch):
    """Heartbeats go on after an error in the task that sends them."""
    client = await follow(hub, world, "status")
    failures: list[Exception] = [RuntimeError("once")]
    catch_up = hub.catch_up
    monkeypatch.setattr(hub, "catch_up", lambda: _raise(failures) if failures else catch_up())
    await world.clock.advance(12)
    assert failures == []
    assert await client.hear("heartbeat")


def _raise(errors: list[Exception]) -> None:
    raise errors.pop()
