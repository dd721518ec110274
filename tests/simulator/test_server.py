"""The server around the simulated bookmakers."""

import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import msgspec
import pytest

from overround.bookmakers.base import SimulatedAnswer
from overround.simulator.faults import Fault, FaultPlan
from overround.simulator.latency import Latency, LatencyPlan
from overround.simulator.server import BodyCache, Rendered, SimulatorServer, running
from overround.simulator.world import World
from tests.support.clock import START, FakeClock
from tests.support.worlds import PlainSimulator, plain_simulators, small_world

GZIP = {"accept-encoding": "gzip"}
PLAIN = {"accept-encoding": "identity"}


class Site(msgspec.Struct):
    """A running server and how to ask it."""

    server: SimulatorServer
    simulators: dict[str, PlainSimulator]
    base: str
    session: aiohttp.ClientSession

    async def get(
        self, path: str, headers: dict[str, str] = GZIP
    ) -> tuple[int, bytes, aiohttp.ClientResponse]:
        async with self.session.get(self.base + path, headers=headers) as answer:
            return answer.status, await answer.read(), answer

    async def json(self, path: str):
        return msgspec.json.decode((await self.get(path, PLAIN))[1])


@contextlib.asynccontextmanager
async def site(world: World | None = None, **parts) -> AsyncIterator[Site]:
    simulators = plain_simulators()
    server = SimulatorServer(world or small_world(), simulators, **parts)
    async with running(server) as urls, aiohttp.ClientSession(auto_decompress=False) as session:
        yield Site(server, simulators, urls["betpawa"].removesuffix("/betpawa"), session)


async def test_each_bookmaker_answers_under_its_prefix():
    """One port, a prefix each; the path below it is what the bookmaker's simulator sees."""
    async with site() as here:
        for code in ("betpawa", "sportybet", "bet9ja"):
            ids = await here.json(f"/{code}/list")
            assert ids
            assert all(one.startswith(code) for one in ids)
            prices, _ = await here.json(f"/{code}/event/{ids[0]}")
            assert "3743|" in prices
        assert (await here.get("/betpawa/event/none"))[0] == 404
        status, body, _ = await here.get("/msport/list")
        assert status == 404
        assert b"no bookmaker msport here" in body


async def test_gzip_is_sent_where_asked_for_and_has_the_same_bytes_each_time():
    """The product compares the hash of compressed bodies, so equal bodies must be equal bytes."""
    world = small_world()
    event_id = world.moment().events("betpawa")[0].event_id
    async with site(world) as here, site(small_world()) as restarted:
        _, first, answer = await here.get(f"/betpawa/event/{event_id}")
        assert answer.headers["content-encoding"] == "gzip"
        assert first == (await here.get(f"/betpawa/event/{event_id}"))[1]
        assert first == (await restarted.get(f"/betpawa/event/{event_id}"))[1]
        _, plain, answer = await here.get(f"/betpawa/event/{event_id}", PLAIN)
        assert "content-encoding" not in answer.headers
        assert gzip.decompress(first) == plain


async def test_a_body_is_rendered_once_per_price_step():
    """At latency 0 the simulator must not be what the product waits for."""
    clock = FakeClock()
    world = small_world(clock, moves=1.0)
    async with site(world) as here:
        path = f"/betpawa/event/{world.moment().events('betpawa')[3].event_id}"
        first = (await here.get(path))[1]
        for _ in range(3):
            assert (await here.get(f"{path}?_t={_}"))[1] == first  # a cache buster is no other question
        assert here.simulators["betpawa"].rendered == 1
        await clock.advance(130)
        assert (await here.get(path))[1] != first
        assert here.simulators["betpawa"].rendered == 2


async def test_a_header_that_may_matter_is_another_question():
    """BetPawa answers by `accept`; a kept body must not be given to a request that says something else."""
    async with site() as here:
        for accept in ("application/json", "*/*", "application/json"):
            await here.get("/betpawa/list", {**GZIP, "accept": accept})
        assert here.simulators["betpawa"].rendered == 2


async def test_volatile_bodies_differ_each_time():
    """`--volatile`: no two answers are equal, so no hash ever matches."""
    world = small_world(volatile=True)
    event_id = world.moment().events("betpawa")[0].event_id
    async with site(world) as here:
        assert len({(await here.get(f"/betpawa/event/{event_id}"))[1] for _ in range(4)}) == 4


def test_the_body_cache_is_bounded():
    """The longest unused body goes first; three of these fit."""
    moment = small_world().moment()
    cache = BodyCache(max_bytes=30_000)
    for number in range(10):
        cache.put(str(number), Rendered(SimulatedAnswer(b""), bytes(8_000), moment))
        cache.get("0", START)
    assert [number for number in range(10) if cache.get(str(number), START)] == [0, 8, 9]


# --- the truth ---------------------------------------------------------------------------------------------


async def test_truth_is_what_the_bodies_say():
    """Every bookmaker's open prices by market and line, as decimal numbers."""
    world = small_world(events=30)
    moment = world.moment()
    async with site(world) as here:
        for event in moment.events("sportybet"):
            truth = await here.json(f"/_truth/{event.sportradar_id}")
            assert set(truth) == {
                code
                for code in world.bookmakers
                if any(e.sportradar_id == event.sportradar_id for e in moment.events(code))
            }
            said, _ = await here.json(f"/sportybet/event/{event.event_id}")
            assert truth["sportybet"] == {
                market: {
                    name: q["odds_milli"] / 1000 for name, q in outcomes.items() if not q.get("suspended")
                }
                for market, outcomes in said.items()
            }


async def test_locked_outcomes_are_told_apart():
    """The truth holds open outcomes only; `?state=suspended` has the locked ones under the same keys."""
    world = small_world(events=40)
    locked = 0
    async with site(world) as here:
        for event in world.moment().events("sportybet"):
            shown = await here.json(f"/_truth/{event.sportradar_id}")
            hidden = await here.json(f"/_truth/{event.sportradar_id}?state=suspended")
            assert shown["sportybet"].keys() == hidden["sportybet"].keys()
            for key, outcomes in hidden["sportybet"].items():
                assert not outcomes.keys() & shown["sportybet"][key].keys()
                locked += len(outcomes)
    assert locked


async def test_truth_can_be_asked_of_another_time():
    """The world is a function of time, so what was true when a body was fetched can still be asked."""
    clock = FakeClock()
    world = small_world(clock, moves=2.0)
    path = f"/_truth/{world.moment().events('betpawa')[5].sportradar_id}"
    async with site(world) as here:
        before = await here.json(path)
        await clock.advance(240)
        assert await here.json(path) != before
        assert await here.json(f"{path}?at={START.isoformat().replace('+00:00', 'Z')}") == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("1", 404),
        ("x", 404),
        ("%C2%B2", 404),
        ("1?at=yesterday", 400),
        ("1?at=2026-11-24T12:00:00", 400),
        ("1?state=x", 400),
    ],
)
async def test_questions_without_a_truth_are_refused(path, status):
    """Unknown events and times without a zone get a sentence, not a stack trace."""
    async with site() as here:
        answer = await here.get(f"/_truth/{path}", PLAIN)
        assert answer[0] == status
        assert msgspec.json.decode(answer[1])["detail"]


async def test_events_and_log_tell_what_is_on_offer_and_what_was_asked():
    """A benchmark reads both: who lists which event under which id; requests, bytes, time per bookmaker."""
    clock = FakeClock()
    world = small_world(clock)
    async with site(world) as here:
        rows = (await here.json("/_events"))["events"]
        assert len(rows) == 12
        code, event_id = next(iter(rows[0]["bookmakers"].items()))
        _, body, _ = await here.get(f"/{code}/event/{event_id}")
        await here.get(f"/{code}/event/none")
        log = (await here.json("/_log"))[code]
        assert (log["requests"], log["statuses"]) == (2, {"200": 1, "404": 1})
        assert log["bytes"] > len(body)


# --- latency and faults --------------------------------------------------------------------------------------


async def test_answers_take_the_planned_time():
    """The plan's time passes on the server's clock before the answer leaves."""

    class Recording(FakeClock):
        waited: list[float]

        async def sleep(self, seconds: float) -> None:
            self.waited.append(seconds)

    clock = Recording()
    clock.waited = []
    plan = {"betpawa": Latency(300, 500)}
    async with site(latency=LatencyPlan(by_bookmaker=plan), clock=clock) as here:
        await here.get("/betpawa/list")
        await here.get("/bet9ja/list")
        assert here.server.served["betpawa"].latency_ms == LatencyPlan(by_bookmaker=plan).next_ms("betpawa")
        assert [round(s * 1000, 6) for s in clock.waited] == [
            round(here.server.served["betpawa"].latency_ms, 6)
        ]


def broken(kind: str) -> FaultPlan:
    return FaultPlan([Fault("betpawa", kind)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [("429", 429, "application/octet-stream"), ("403", 403, "text/html"), ("500", 500, "application/json"), ("html", 200, "text/html"), ("garbage", 200, "application/json")],
)  # fmt: skip
async def test_faults_with_an_answer(kind, status, content_type):
    """Status and type are what a real site in that trouble sends; other bookmakers are untouched."""
    async with site(faults=broken(kind)) as here:
        got, body, answer = await here.get("/betpawa/list")
        assert (got, answer.content_type) == (status, content_type)
        assert ("retry-after" in answer.headers) == (kind == "429")
        with pytest.raises(ValueError, match=r"."):
            msgspec.json.decode(body, type=list[str])
        assert (await here.get("/bet9ja/list"))[0] == 200
        assert here.server.served["betpawa"].faults == {kind: 1}


async def test_truncated_gzip_ends_in_the_middle():
    """The length header agrees with the short body, so only inflating shows it."""
    async with site(faults=broken("truncated")) as here:
        _, body, answer = await here.get("/betpawa/list")
        assert answer.headers["content-encoding"] == "gzip"
        inflating = zlib.decompressobj(wbits=31)
        inflating.decompress(body)
        assert not inflating.eof


async def test_a_bomb_is_small_on_the_wire():
    """48 kB that inflate to 50 MB."""
    async with site(faults=broken("bomb")) as here:
        _, body, _ = await here.get("/betpawa/list")
        assert len(body) < 50_000
        assert len(zlib.decompress(body, wbits=31)) == 50_000_000


async def test_an_empty_list_is_a_whole_answer_without_events():
    """Lists are empty, details are not: what a bookmaker sends when its feed breaks."""
    world = small_world()
    event_id = world.moment().events("betpawa")[0].event_id
    async with site(world, faults=broken("empty")) as here:
        assert await here.json("/betpawa/list") == []
        assert (await here.get(f"/betpawa/event/{event_id}"))[0] == 200


async def test_a_bookmaker_that_is_down_hangs_up_until_it_is_back():
    """The plan may be exchanged while the server runs."""
    async with site(faults=broken("down")) as here:
        with pytest.raises(aiohttp.ClientError):
            await here.get("/betpawa/list")
        here.server.faults = FaultPlan()
        assert (await here.get("/betpawa/list"))[0] == 200


async def test_a_timeout_never_answers():
    """The connection stays open and silent; the server does not wait for it when it stops."""
    async with site(faults=broken("timeout"), clock=FakeClock()) as here:
        with pytest.raises(TimeoutError):
            await here.session.get(here.base + "/betpawa/list", timeout=aiohttp.ClientTimeout(total=0.1))


async def test_a_slow_drip_sends_byte_by_byte():
    """The head comes at once, the body a byte at a time: only a total deadline ends it."""
    clock = FakeClock()
    async with (
        site(faults=broken("slow"), clock=clock) as here,
        here.session.get(here.base + "/betpawa/list", headers=GZIP) as answer,
    ):
        assert len(await answer.content.readany()) == 1
        await clock.advance(0.6)
        assert len(await answer.content.readany()) == 1


async def test_who_leaves_a_slow_drip_leaves_no_traceback(caplog):
    """The product does so after its deadline, a thousand times in a run."""
    clock = FakeClock()
    async with site(faults=broken("slow"), clock=clock) as here:
        answer = await here.session.get(here.base + "/betpawa/list", headers=GZIP)
        await answer.content.readany()
        answer.close()
        await clock.advance(3)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_taken_port_is_said():
    """Two simulators on one port would share each other's requests."""
    world = small_world()
    async with running(SimulatorServer(world, plain_simulators())) as urls:
        port = int(urls["betpawa"].split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="address already in use"):
            async with running(SimulatorServer(world, plain_simulators()), port):
                pass


async def test_started_events_have_no_truth():
    """What has kicked off is no longer offered."""
    clock = FakeClock()
    world = small_world(clock)
    event = world.moment().events("betpawa")[0]
    async with site(world) as here:
        assert (await here.get(f"/_truth/{event.sportradar_id}", PLAIN))[0] == 200
        await clock.advance((event.kickoff_at - START + timedelta(seconds=1)).total_seconds())
        assert (await here.get(f"/_truth/{event.sportradar_id}", PLAIN))[0] == 404
