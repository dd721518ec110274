"""The canary: how little it asks, and what it calls a drift."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib import resources

import msgspec
import pytest

from overround.bookmakers.base import Ask, ParsedEvent, Request, Window, joined, nothing
from overround.bookmakers.http import RawBody
from overround.config import packaged_catalogue
from overround.domain.diff import Unmapped
from overround.domain.events import ListedEvent
from overround.errors import BookmakerError, ConfigError
from overround.scraping.canary import MAX_PARTS, Expectation, expectation, look
from overround.scraping.shapes import AnswerShape
from tests.support.books import parsed
from tests.support.clock import START

EXPECTED = Expectation(
    pages={"list": 1},
    nothing_more=[],
    open_keys="[0-9]+",
    min_identified=0.5,
    min_mapped=0.6,
    main_markets=("3743",),
    answers={"list": AnswerShape((), ("[]",)), "event": AnswerShape(())},
)
FILES = sorted(
    file.name.removesuffix(".json")
    for file in resources.files("overround.scraping").joinpath("expectations").iterdir()
    if file.name.endswith(".json")
)


class Permit:
    """Leave for one request; notes how it ended."""

    def __init__(self, ends: list[str]) -> None:
        self._ends = ends

    def finish(self, error: BookmakerError | None = None) -> None:
        self._ends.append(error.kind if error else "ok")

    def abandon(self) -> None:
        self._ends.append("abandoned")


class Site:
    """A list of `pages` answers with these rows; stands in for transport and bookmaker alike."""

    code = name = "acme"

    def __init__(self, *rows: ListedEvent, pages: int = 1) -> None:
        self.rows, self.pages = rows, pages
        self.asked: list[str] = []
        self.ends: list[str] = []
        self.detail = event("1")
        self.curious = False  # asks for a detail during the discovery

    async def admit(self) -> Permit:
        return Permit(self.ends)

    async def fetch(self, bookmaker: str, request: Request) -> RawBody:
        self.asked.append(request.url)
        return RawBody(b"[1]" if request.kind == "list" else b"{}", "", START, 5.0)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        bodies = [await ask(Request("list", f"list/{number}", "list")) for number in range(self.pages)]
        if self.curious:
            await ask(Request("event", "event/1", "event"))
        assert all(body in (b"[1]", b"[]") for body in bodies)
        return [row for row in self.rows if window.holds(row.kickoff_at)]

    def event_request(self, event_id: str) -> Request:
        return Request("event", f"event/{event_id}", "event")

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        return self.detail


class PartedSite(Site):
    """A site whose details never end."""

    def further_request(self, event_id: str, parts: Sequence[bytes]) -> Request | None:
        return Request("event", f"event/{event_id}/{len(parts)}", "event")

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        assert body == joined([b"{}"] * MAX_PARTS)
        return self.detail


def row(number: int, identified: bool = True, after: timedelta = timedelta(hours=3)) -> ListedEvent:
    return ListedEvent(str(number), str(number) if identified else None, START + after, "A", "B")


def event(sportradar_id: str | None, unmapped: int = 0) -> ParsedEvent:
    market = parsed("3743", [2.5, 3.2, 2.9])
    gaps = (Unmapped("x", "Odd one", unmapped),) if unmapped else ()
    return ParsedEvent(
        "1", sportradar_id, None, START, "A", "B", "", "", "football", {market.key: market}, gaps
    )


async def seen(site: Site, expected: Expectation = EXPECTED):
    return await look(site, expected, site, site.admit, START)  # type: ignore[arg-type]


async def test_pages_beyond_the_first_are_not_asked():
    """The discovery gets the bookmaker's own empty page instead."""
    site = Site(row(1), pages=40)
    report = await seen(site)
    assert (report.verdict, report.lists_read, report.requests) == ("ok", {"list": 1}, 2)
    assert site.asked == ["list/0", "event/1"] and site.ends == ["ok", "ok"]


async def test_a_discovery_gets_no_details():
    """Some look up what a list leaves out: a hundred requests that tell the canary nothing."""
    site = Site(row(1))
    site.curious = True
    report = await seen(site)
    assert site.asked == ["list/0"] and report.verdict == "drifted"


async def test_a_detail_without_end_is_cut():
    """What it has by then is read."""
    site = PartedSite(row(1))
    report = await seen(site)
    assert (report.verdict, report.requests) == ("ok", 1 + MAX_PARTS)


async def test_the_next_match_is_looked_at_but_not_one_about_to_begin():
    """The last minutes before kickoff are half suspended; unidentified ones compare with nothing."""
    soon = row(5, after=timedelta(minutes=10))
    site = Site(row(7, after=timedelta(hours=9)), soon, row(6, identified=False), row(1))
    assert (await seen(site)).event == "1 A – B"


@pytest.mark.parametrize(
    ("rows", "detail", "says"),
    [
        ([], event("1"), "list no football event"),
        ([row(9, after=timedelta(days=30))], event("1"), "list no football event"),
        ([row(1), row(2, False), row(3, False)], event("1"), "1 of 3 listed events have a Sportradar id"),
        ([row(1)], event("2"), "the detail says Sportradar id 2, the list 1"),
        ([row(1)], event(None), "the detail says Sportradar id None"),
        ([row(1)], event("1", unmapped=7), "30% of 10 outcomes are mapped, expected 60%"),
    ],
)
async def test_a_drift_is_said_in_a_sentence(rows, detail, says):
    """With the figure, and what was expected."""
    site = Site(*rows)
    site.detail = detail
    report = await seen(site)
    assert report.verdict == "drifted" and any(says in reason for reason in report.reasons)


async def test_a_missing_main_market_is_a_drift():
    """Nine times in ten its id has changed."""
    expected = msgspec.structs.replace(EXPECTED, main_markets=("3743", "4693"))
    report = await seen(Site(row(1)), expected)
    assert report.reasons == ["the event has no market 4693 of ours"]


async def test_an_endpoint_that_was_never_expected_is_a_drift():
    """The expectation must be made anew when a client asks elsewhere."""
    expected = msgspec.structs.replace(EXPECTED, answers={"list": AnswerShape(())})
    report = await seen(Site(row(1)), expected)
    assert report.reasons == ["event: an operation without expectation was asked"]


@pytest.mark.parametrize("code", FILES)
def test_an_expectation_fits_the_catalogue(code):
    """Main markets are mapped for that bookmaker; limits are shares; each page asked has a shape."""
    expected, catalogue = expectation(code), packaged_catalogue()
    for market_id in expected.main_markets:
        kind = catalogue.find(market_id)
        assert kind and code in kind.books
    assert 0 < expected.min_mapped <= 1 and 0 < expected.min_identified <= 1
    assert re.compile(expected.open_keys) and expected.main_markets
    assert sum(expected.pages.values()) <= 4  # a handful
    assert all(shape.required for shape in expected.answers.values())


def test_a_bookmaker_without_expectation_is_told_how_to_make_one():
    """One sentence with the command."""
    with pytest.raises(ConfigError, match="canary_expectations acme"):
        expectation("acme")
