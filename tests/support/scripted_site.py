"""Bookmakers without a wire: answers come after a latency on the fake clock, or fail as the test says."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from overround.bookmakers.base import Ask, ParsedEvent, Request, Window, nothing
from overround.bookmakers.http import RawBody, Transport, ask_through
from overround.bookmakers.limiter import Limiter
from overround.bus.memory import MemoryBus
from overround.cache.odds_cache import OddsCache
from overround.config import Settings, packaged_catalogue
from overround.domain.diff import Unmapped
from overround.domain.events import ListedEvent
from overround.domain.sanity import Sanity
from overround.errors import BookmakerError, EventGone, PayloadChanged
from overround.scraping.acceptance import Acceptance, Door
from overround.scraping.admission import Admission
from overround.scraping.coordinator import EventCoordinator, EventJob
from overround.scraping.discovery import Discovery
from overround.scraping.health import Sources
from overround.scraping.intake import Answer, Intake, Taken
from overround.scraping.runs import RunArchive, Runs
from overround.storage.identities import Identities
from overround.storage.records import Encoder, WriteBatch
from tests.support.books import parsed
from tests.support.clock import START, FakeClock
from tests.support.pipeline import MemorySpool

LIST = "list"
BOOKMAKERS = ("betpawa", "sportybet", "bet9ja")  # those of a test that names none
Fault = Callable[[], BookmakerError | None]


def row(
    number: int, bookmaker: str = "betpawa", kickoff_at: datetime = START + timedelta(hours=3)
) -> ListedEvent:
    """Return one line of a bookmaker's list; the same number is the same event everywhere."""
    return ListedEvent(
        f"{bookmaker}-{number}",
        str(number),
        kickoff_at,
        f"Home {number}",
        f"Away {number}",
        "Nigeria",
        "NPFL",
    )


def job(number: int, *bookmakers: str, kickoff_at: datetime = START + timedelta(hours=3)) -> EventJob:
    """Return what a discovery makes of such rows."""
    return EventJob(str(number), kickoff_at, {code: f"{code}-{number}" for code in bookmakers or BOOKMAKERS})


class ScriptedBookmaker:
    """Lists what the site has for it and reads bodies of {"3743": [odds…]}."""

    def __init__(self, code: str, base_url: str = "") -> None:
        self.code = self.name = code
        self.base_url = base_url + code  # a real server's, or nothing but the code

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        body = await ask(Request("list", f"{self.base_url}/{LIST}", "list"))
        try:
            return msgspec.json.decode(body, type=list[ListedEvent])
        except ValueError as exc:
            if body.startswith(b"["):
                raise  # as a fault of our own would
            raise PayloadChanged(self.code, "list", str(exc)) from exc

    def event_request(self, event_id: str) -> Request:
        return Request("event", f"{self.base_url}/{event_id}", "event")

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        try:
            prices = msgspec.json.decode(body, type=dict[str, list[float]])
        except ValueError as exc:
            raise PayloadChanged(self.code, "event", str(exc)) from exc
        if not prices:
            raise EventGone(self.code, "event", "not found")
        markets = [parsed(market_id, odds) for market_id, odds in prices.items() if market_id != "odd"]
        return ParsedEvent(
            event_id="own",
            sportradar_id=None,
            genius_id=None,
            kickoff_at=START + timedelta(hours=3),
            home="Home",
            away="Away",
            country="Nigeria",
            competition="NPFL",
            sport="football",
            markets={market.key: market for market in markets},
            unmapped=(Unmapped("odd", "Odd one", 1),) if "odd" in prices else (),
        )


class ScriptedSite:
    """Stands in for `Transport`: latency per bookmaker, faults and bodies per address, and a log of it all."""

    def __init__(self, clock: FakeClock, codes: Sequence[str] = BOOKMAKERS) -> None:
        self.clock = clock
        self.latency_s = dict.fromkeys(codes, 0.1)
        self.lists: dict[str, Sequence[ListedEvent]] = dict.fromkeys(codes, ())
        self.bodies: dict[str, bytes] = {}  # by address; default: a 1X2
        self.faults: dict[
            str, list[BookmakerError | None]
        ] = {}  # by address, used up in turn; the last one stays
        self.started: list[tuple[float, str]] = []
        self.on_wire: Counter[str] = Counter()  # by address
        self.most_events = 0
        self.most: Counter[str] = Counter()  # by bookmaker

    def fails(self, address: str, *errors: BookmakerError | None) -> None:
        """Let an address (or a whole bookmaker) fail like this; None answers, the last entry stays."""
        self.faults[address] = list(errors)

    async def fetch(self, bookmaker: str, request: Request) -> RawBody:
        self.started.append((self.clock.monotonic(), request.url))
        self.on_wire[request.url] += 1
        self._note_most()
        try:
            await self.clock.sleep(self.latency_s[bookmaker])
        finally:
            self.on_wire[request.url] -= 1
        for address in (request.url, bookmaker):
            if error := self.fault(address):
                raise error
        return RawBody(self._body(bookmaker, request), "", self.clock.now(), self.latency_s[bookmaker] * 1000)

    def addresses(self, bookmaker: str = "") -> list[str]:
        """Return what was asked for, in order of starting."""
        return [address for _, address in self.started if address.startswith(bookmaker)]

    def _body(self, bookmaker: str, request: Request) -> bytes:
        if request.kind == "list":
            return msgspec.json.encode(self.lists[bookmaker])
        return self.bodies.get(request.url, b'{"3743": [2.5, 3.2, 2.9]}')

    def fault(self, address: str) -> BookmakerError | None:
        """Return how the next answer at this address, or of this bookmaker, fails; None when it does not."""
        faults = self.faults.get(address)
        if not faults:
            return None
        return faults.pop(0) if len(faults) > 1 else faults[0]

    def _note_most(self) -> None:
        busy = [address.split("/") for address, count in self.on_wire.items() if count]
        events = {own_id.rpartition("-")[2] for _, own_id in busy if own_id != LIST}
        self.most_events = max(self.most_events, len(events))
        for code, count in Counter(code for code, _ in busy).items():
            self.most[code] = max(self.most[code], count)


class NotingIntake:
    """Takes every answer as a change of one market and notes it; `reading` set makes the parser wait."""

    def __init__(self) -> None:
        self.blocked = ""
        self.taken: list[Answer] = []
        self.numbers = 0
        self.reading: asyncio.Event | None = None
        self.errors: dict[tuple[str, str], Exception] = {}

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    async def take(self, answer: Answer) -> Taken:
        self.taken.append(answer)
        if self.reading:
            await self.reading.wait()
        if error := self.errors.get((answer.sportradar_id, answer.bookmaker)):
            raise error
        accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        accepted.set_result(None)
        return Taken("changed", accepted, markets_changed=1)


class Scraper:
    """Everything that scrapes, wired as in the product, over a scripted site; `coordinator` needs no intake."""

    def __init__(
        self,
        archive: RunArchive | None = None,
        intake: NotingIntake | None = None,
        transport: Transport | None = None,
        base_url: str = "",
        codes: Sequence[str] = BOOKMAKERS,
        instead: Mapping[str, ScriptedBookmaker] = {},
    ) -> None:
        """Ask a real server instead of the scripted site where `transport` and `base_url` name one."""
        self.clock, self.bus, self.cache = FakeClock(), MemoryBus(), OddsCache()
        self.settings = Settings(tuple(codes))
        self.site, self.spool = ScriptedSite(self.clock, codes), MemorySpool()
        bookmakers = {code: ScriptedBookmaker(code, base_url) for code in codes} | dict(instead)
        self.bookmakers = bookmakers
        self.limiters = {code: Limiter(code, self.settings, self.clock) for code in codes}
        self.admission = Admission(self.limiters, self.settings, self.clock)
        self.sources = Sources(self.limiters, self.settings, self.bus, self.clock)
        acceptance = Acceptance(self.cache, self.bus, self.settings, self.clock)
        self.intake = Intake(acceptance, bookmakers, Sanity(packaged_catalogue()))  # type: ignore[arg-type]
        self.coordinator = EventCoordinator(
            bookmakers,  # type: ignore[arg-type]
            transport or self.site,  # type: ignore[arg-type]
            self.admission,
            intake or self.intake,
            self.sources,
            self.clock,
        )
        self.discovery = Discovery(
            bookmakers,  # type: ignore[arg-type]
            self._ask_for,
            self.cache,
            self.intake,
            self.sources,
            self.settings,
            self.clock,
        )
        self.runs = Runs(
            self.discovery,
            self.coordinator,
            self.intake,
            self.cache,
            self.bus,
            self.limiters,
            self.settings,
            self.clock,
            archive,
        )

    async def __aenter__(self) -> "Scraper":
        await self.intake.start(Door(self.spool, Encoder(Identities()), _nowhere))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runs.cancel("the test ends")  # in the order of I13
        await self.coordinator.close()
        await self.intake.stop()

    def lists(self, numbers: Iterable[int], *bookmakers: str, **row_fields: datetime) -> None:
        """Let these bookmakers (default: all) list these events."""
        numbers = list(numbers)
        for code in bookmakers or BOOKMAKERS:
            self.site.lists[code] = [row(number, code, **row_fields) for number in numbers]

    def _ask_for(self, code: str) -> Ask:
        return ask_through(self.site, code, self.admission.admit_lists(code), self.clock)  # type: ignore[arg-type]


async def _nowhere(_: WriteBatch) -> None:
    """Stand in for the write queue."""
