"""
The canary: does a bookmaker still answer in the shape we know, and does the catalogue still map it?

One discovery page and one event, asked politely and once, compared with an expectation that comes with the
product (`expectations/<bookmaker>.json`). A person starts it where the sites are reachable.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Literal

import msgspec

from overround.bookmakers.base import Bookmaker, InParts, ParsedEvent, Request, Window, joined
from overround.bookmakers.http import Admit, Transport, inflated
from overround.domain.diff import Unmapped
from overround.domain.events import ListedEvent
from overround.domain.markets import shown_outcomes
from overround.errors import (
    BookmakerError,
    BookmakerRefused,
    BookmakerUnavailable,
    ConfigError,
    RateLimited,
)
from overround.scraping.shapes import AnswerShape, ShapeDifference, compare, field_paths

MAX_PARTS = 6  # answers asked for one event's detail; the captured ones need at most five
AHEAD = timedelta(days=7)
NOT_BEFORE = timedelta(minutes=30)  # an event about to start may be half suspended
TOP_UNMAPPED = 5

Verdict = Literal["ok", "drifted", "refused", "unreachable"]


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one bookmaker's canary should see; made by `scripts/canary_expectations.py`, limits by hand."""

    pages: dict[str, int]  # list operation -> answers asked at most
    nothing_more: Any  # JSON that stands in for the pages not asked: the bookmaker's own empty page
    open_keys: str  # regular expression of JSON keys that are data
    min_identified: float  # share of listed events with a Sportradar id
    min_mapped: float  # share of one event's outcomes that the catalogue maps
    main_markets: tuple[str, ...]  # our market ids that any football event has
    answers: dict[str, AnswerShape]  # by operation


class CanaryReport(msgspec.Struct):
    """What one bookmaker's canary saw."""

    bookmaker: str
    verdict: Verdict = "ok"
    reasons: list[str] = []  # why it is not ok, one sentence each
    requests: int = 0
    ms: float = 0.0  # on the wire, in sum
    wire_bytes: int = 0  # bodies as received, compressed
    body_bytes: int = 0  # inflated
    lists_read: dict[str, int] = {}  # operation -> answers asked for
    listed: int = 0
    identified: int = 0  # listed events with a Sportradar id
    event: str = ""  # whose detail was asked: Sportradar id and teams
    markets: int = 0
    outcomes: int = 0  # offered or locked, mapped or not
    mapped_share: float | None = None  # None: no detail was read
    refused: dict[str, int] = {}  # reason -> outcomes or markets left out
    unmapped: list[Unmapped] = []  # the largest, most outcomes first
    shapes: dict[str, ShapeDifference] = {}  # by operation, where they differ


def expectation(bookmaker: str) -> Expectation:
    """
    Load what comes with the product.

    Raises:
        ConfigError: There is none for this bookmaker.
    """
    file = resources.files("overround.scraping").joinpath("expectations", f"{bookmaker}.json")
    try:
        return msgspec.json.decode(file.read_bytes(), type=Expectation)
    except FileNotFoundError as exc:
        detail = f"has no expectation; make one: python -m scripts.canary_expectations {bookmaker}"
        raise ConfigError(bookmaker, detail) from exc


async def look(
    bookmaker: Bookmaker, expected: Expectation, transport: Transport, admit: Admit, now: datetime
) -> CanaryReport:
    """Ask one discovery page and one event, and return what was seen; never raises for what a site does."""
    report = CanaryReport(bookmaker.code)
    line = _Line(bookmaker.code, expected, transport, admit, report)
    try:
        listed = await bookmaker.discover(line.ask_list, Window(now, now + AHEAD))
        _judge_list(listed, expected, report)
        if event := _chosen(listed, now):
            report.event = f"{event.sportradar_id} {event.home} – {event.away}"
            parsed = bookmaker.parse_event(await _detail(bookmaker, event.event_id, line))
            _judge_event(parsed, event, expected, report)
    except (BookmakerRefused, RateLimited) as exc:
        _blame(report, "refused", f"{exc.operation}: {exc.detail}")
    except BookmakerUnavailable as exc:
        _blame(report, "unreachable", f"{exc.operation}: {exc.detail}")
    except BookmakerError as exc:  # another shape, or an event that was listed a moment ago is unknown
        _blame(report, "drifted", f"{exc.operation}: {exc.detail}")
    _judge_shapes(line.paths, expected, report)
    return report


class _Line:
    """The canary's requests to one bookmaker: admitted, sent once and never again, noted."""

    def __init__(
        self, code: str, expected: Expectation, transport: Transport, admit: Admit, report: CanaryReport
    ) -> None:
        self.paths: dict[str, set[str]] = {}  # operation -> fields of all its answers
        self._code, self._expected, self._report = code, expected, report
        self._transport, self._admit = transport, admit
        self._asked: Counter[str] = Counter()

    async def ask_list(self, request: Request) -> bytes:
        """Answer a discovery: so many pages per operation from the site, the rest empty and unasked."""
        if request.kind != "list":
            raise BookmakerError(self._code, request.operation, "a detail that the canary does not ask for")
        self._asked[request.operation] += 1
        if self._asked[request.operation] > self._expected.pages.get(request.operation, 0):
            return msgspec.json.encode(self._expected.nothing_more)
        self._report.lists_read[request.operation] = self._asked[request.operation]
        return await self.send(request)

    async def send(self, request: Request) -> bytes:
        """Return the inflated answer of one request; errors are not tried again."""
        permit = await self._admit()
        self._report.requests += 1
        try:
            raw = await self._transport.fetch(self._code, request)
        except BookmakerError as exc:
            permit.finish(exc)
            raise
        except BaseException:
            permit.abandon()
            raise
        permit.finish()
        body = inflated(self._code, request, raw)
        self._report.ms += raw.ms
        self._report.wire_bytes += len(raw.body)
        self._report.body_bytes += len(body)
        self._note_fields(request.operation, body)
        return body

    def _note_fields(self, operation: str, body: bytes) -> None:
        try:
            answer = msgspec.json.decode(body)
        except (ValueError, RecursionError):  # the parser says what is wrong with it
            return
        self.paths.setdefault(operation, set()).update(field_paths(answer, self._expected.open_keys))


async def _detail(bookmaker: Bookmaker, event_id: str, line: _Line) -> bytes:
    """Return one event's detail, joined where it comes in several answers, at most `MAX_PARTS` of them."""
    first = await line.send(bookmaker.event_request(event_id))
    if not isinstance(bookmaker, InParts):
        return first
    parts = [first]
    while len(parts) < MAX_PARTS and (further := bookmaker.further_request(event_id, parts)) is not None:
        parts.append(await line.send(further))
    return joined(parts)


def _chosen(listed: Sequence[ListedEvent], now: datetime) -> ListedEvent | None:
    """Return the identified event that kicks off first, but not at once."""
    ahead = [
        event for event in listed if event.sportradar_id is not None and event.kickoff_at >= now + NOT_BEFORE
    ]
    return min(ahead, key=lambda event: (event.kickoff_at, event.event_id), default=None)


def _judge_list(listed: Sequence[ListedEvent], expected: Expectation, report: CanaryReport) -> None:
    report.listed = len(listed)
    report.identified = sum(event.sportradar_id is not None for event in listed)
    if not listed:
        _blame(report, "drifted", f"the pages read list no football event of the next {AHEAD.days} days")
    elif report.identified < expected.min_identified * len(listed):
        sentence = f"{report.identified} of {len(listed)} listed events have a Sportradar id, expected"
        _blame(report, "drifted", f"{sentence} {expected.min_identified:.0%}")


def _judge_event(
    parsed: ParsedEvent, listed: ListedEvent, expected: Expectation, report: CanaryReport
) -> None:
    mapped = sum(len(shown_outcomes(market)) for market in parsed.markets.values())
    unmapped = sum(gap.outcomes for gap in parsed.unmapped)
    report.markets, report.outcomes = len(parsed.markets), mapped + unmapped
    report.refused = dict(parsed.refused)
    report.mapped_share = mapped / report.outcomes if report.outcomes else 0.0
    report.unmapped = sorted(parsed.unmapped, key=lambda gap: (-gap.outcomes, gap.id))[:TOP_UNMAPPED]
    if report.mapped_share < expected.min_mapped:
        sentence = f"{report.mapped_share:.0%} of {report.outcomes} outcomes are mapped, expected"
        _blame(report, "drifted", f"{sentence} {expected.min_mapped:.0%}")
    offered = {key.market_id for key in parsed.markets}
    if absent := [market_id for market_id in expected.main_markets if market_id not in offered]:
        _blame(report, "drifted", f"the event has no market {', '.join(absent)} of ours")
    if parsed.sportradar_id != listed.sportradar_id:
        sentence = f"the detail says Sportradar id {parsed.sportradar_id}, the list"
        _blame(report, "drifted", f"{sentence} {listed.sportradar_id}")


def _judge_shapes(paths: dict[str, set[str]], expected: Expectation, report: CanaryReport) -> None:
    for operation, found in paths.items():
        shape = expected.answers.get(operation)
        if shape is None:
            _blame(report, "drifted", f"{operation}: an operation without expectation was asked")
            continue
        difference = compare(shape, found)
        if difference.missing:
            _blame(report, "drifted", f"{operation}: {', '.join(difference.missing)} is missing")
        if difference.missing or difference.new:
            report.shapes[operation] = difference


def _blame(report: CanaryReport, verdict: Verdict, reason: str) -> None:
    """Note a reason; the first one decides the verdict."""
    report.verdict = verdict if report.verdict == "ok" else report.verdict
    report.reasons.append(reason)
