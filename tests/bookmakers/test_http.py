"""What each fault of a bookmaker's server becomes, over real sockets; and what is tried again."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.base import Request
from overround.bookmakers.http import (
    LARGEST_PAGE_BYTES,
    RawBody,
    Transport,
    ask_through,
    fetch_retrying,
    retry_after_s,
)
from overround.errors import (
    BookmakerError,
    BookmakerRefused,
    BookmakerUnavailable,
    EventGone,
    PayloadChanged,
    RateLimited,
)
from tests.support.clock import START, FakeClock
from tests.support.misbehaving_server import DATA, MisbehavingServer, bomb, misbehaving_server

PATIENT = {"list": 5.0, "event": 5.0}
HASTY = {"list": 0.05, "event": 0.05}


@pytest.fixture
async def server():
    async with misbehaving_server() as running:
        yield running


@pytest.fixture
async def transport(server):
    created = Transport("Overround/test", FakeClock(), PATIENT)
    yield created
    await created.close()


@pytest.fixture
async def hasty(server):
    created = Transport("Overround/test", FakeClock(), HASTY)
    yield created
    await created.close()


def event(url: str) -> Request:
    return Request("event/detail", url, "event")


def events_list(url: str) -> Request:
    return Request("events/list", url, "list")


async def error_of(transport: Transport, request: Request) -> BookmakerError:
    with pytest.raises(BookmakerError) as caught:
        await transport.fetch("betpawa", request)
    assert (caught.value.bookmaker, caught.value.operation) == ("betpawa", request.operation)
    return caught.value


async def test_a_body_is_handed_on_as_received(server: MisbehavingServer, transport):
    """The hash of the compressed bytes decides whether anything has to be read at all."""
    packed = gzip.compress(DATA, mtime=0)
    raw = await transport.fetch(
        "betpawa", event(server.answer("/event", body=packed, Content_Encoding="gzip"))
    )
    assert (raw.body, raw.encoding, raw.fetched_at) == (packed, "gzip", START)


async def test_requests_say_who_we_are_and_what_we_can_read(server: MisbehavingServer, transport):
    request = Request("x", server.answer("/event"), "event", headers={"accept": "application/json"})
    await transport.fetch("betpawa", request)
    assert server.headers["user-agent"] == "Overround/test"
    assert server.headers["accept-encoding"] == "gzip, deflate, br"
    assert server.headers["accept"] == "application/json"


async def test_an_address_is_sent_as_the_client_wrote_it(server: MisbehavingServer, transport):
    """BetPawa's list takes JSON quoted exactly once."""
    seen: list[str] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response(body=b"{}", content_type="application/json")

    await transport.fetch("betpawa", event(server.behave("/list", note) + "?q=%7B%22zones%22%3A%7B%7D%7D"))
    assert seen == ["/list?q=%7B%22zones%22%3A%7B%7D%7D"]


async def test_a_post_carries_its_body(server: MisbehavingServer, transport):
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read(), content_type="application/json")

    request = Request("pcEvents", server.behave("/echo", echo), "list", "POST", body=b'[{"sportId":1}]')
    assert (await transport.fetch("sportybet", request)).body == b'[{"sportId":1}]'


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (500, "event", BookmakerUnavailable),
        (503, "list", BookmakerUnavailable),
        (403, "event", BookmakerRefused),
        (401, "list", BookmakerRefused),
        (400, "event", BookmakerRefused),
        (404, "event", EventGone),
        (410, "event", EventGone),
        (404, "list", BookmakerRefused),
        (302, "event", BookmakerRefused),
        (204, "event", PayloadChanged),
    ],
)
async def test_a_status_has_one_meaning(server: MisbehavingServer, transport, status, kind, expected):
    url = server.answer("/path", status=status, body=b"" if status == 204 else DATA, Location="/elsewhere")
    error = await error_of(transport, Request("x", url, kind))
    assert type(error) is expected
    assert str(status) in error.detail


async def test_a_redirect_is_not_followed(server: MisbehavingServer, transport):
    """Behind it waits a login page or a country gate, never prices."""
    server.answer("/elsewhere")
    await error_of(transport, event(server.answer("/path", status=301, Location="/elsewhere")))
    assert server.requests["/elsewhere"] == 0


async def test_a_429_carries_its_time(server: MisbehavingServer, transport):
    error = await error_of(transport, event(server.answer("/path", status=429, Retry_After="17")))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 17


async def test_a_429_without_time_waits_all_the_same(server: MisbehavingServer, transport):
    error = await error_of(transport, event(server.answer("/path", status=429)))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 5


def test_a_date_in_retry_after_counts_from_the_servers_own_clock():
    """A server whose clock is two hours off means the same seconds."""
    theirs = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    headers = {
        "Date": format_datetime(theirs, usegmt=True),
        "Retry-After": format_datetime(theirs + timedelta(seconds=90), usegmt=True),
    }
    assert retry_after_s(headers, now=theirs + timedelta(hours=2)) == 90
    del headers["Date"]
    assert retry_after_s(headers, now=theirs + timedelta(seconds=30)) == 60
    assert retry_after_s(headers, now=theirs + timedelta(hours=2)) == 0


@given(st.text(max_size=40))
def test_no_retry_after_is_negative_or_endless(value):
    assert 0 <= retry_after_s({"Retry-After": value}, START) <= 24 * 3600


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<!DOCTYPE html><html>", {"content_type": "text/html; charset=utf-8"}),
        (b"<html>blocked</html>", {}),
        (b"<html>blocked</html>", {"content_type": "application/json"}),
        (b"\xef\xbb\xbf\n <html>", {}),
        (gzip.compress(b"<html>blocked</html>", mtime=0), {"content_encoding": "gzip"}),
        (gzip.compress(b'{"a": 1}', mtime=0), {"content_encoding": "gzip", "content_type": "text/html"}),
    ],
)
async def test_a_page_with_status_200_is_a_refusal(server: MisbehavingServer, transport, body, headers):
    """A block page or a maintenance page, not a changed payload."""
    error = await error_of(transport, event(server.answer("/path", body=body, **headers)))
    assert isinstance(error, BookmakerRefused)


async def test_only_what_may_be_a_page_is_looked_into(server: MisbehavingServer, transport):
    """No block page is that large; a large body that calls itself JSON and is none fails in the parser."""
    body = b"<html>" + bytes(LARGEST_PAGE_BYTES)
    raw = await transport.fetch(
        "betpawa", event(server.answer("/path", body=body, content_type="application/json"))
    )
    assert raw.body == body


async def test_silence_ends_at_the_deadline(server: MisbehavingServer, hasty):
    error = await error_of(hasty, event(server.behave("/path", server.hang)))
    assert isinstance(error, BookmakerUnavailable)
    assert not error.answered
    assert "0.05 s" in error.detail


async def test_a_slow_drip_ends_at_the_same_deadline(server: MisbehavingServer, hasty):
    """The deadline is for the whole answer: bytes that keep coming do not prolong it."""
    error = await error_of(hasty, event(server.behave("/path", server.drip)))
    assert isinstance(error, BookmakerUnavailable)
    assert error.answered


async def test_a_reset_connection_is_unavailable(server: MisbehavingServer, transport):
    error = await error_of(transport, event(server.behave("/path", server.reset)))
    assert isinstance(error, BookmakerUnavailable)
    assert not error.answered


async def test_a_body_cut_short_is_unavailable(server: MisbehavingServer, transport):
    """The transfer broke, so trying again helps; a truncated gzip in a whole transfer is something else."""
    assert isinstance(
        await error_of(transport, event(server.behave("/path", server.cut))), BookmakerUnavailable
    )


async def test_a_closed_port_is_unavailable(server: MisbehavingServer, transport):
    assert isinstance(await error_of(transport, event("http://127.0.0.1:1/")), BookmakerUnavailable)


async def test_a_body_is_no_larger_than_the_cap_announced_or_not(server: MisbehavingServer):
    small = Transport("Overround/test", FakeClock(), PATIENT, max_body_bytes=1000)

    async def chunked(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(100):
            await response.write(bytes(100))
        return response

    announced = await error_of(small, event(server.answer("/announced", body=bytes(1001))))
    streamed = await error_of(small, event(server.behave("/streamed", chunked)))
    assert {type(announced), type(streamed)} == {PayloadChanged}
    assert len((await small.fetch("betpawa", event(server.answer("/fits", body=b"[" * 1000)))).body) == 1000
    await small.close()


async def test_a_broken_kept_connection_is_reported_and_not_hidden(server: MisbehavingServer, transport):
    """aiohttp would send again by itself: a second retry layer whose requests no limiter has admitted."""
    await transport.fetch("betpawa", event(server.answer("/first")))
    await error_of(transport, event(server.behave("/second", server.reset)))
    assert server.requests["/second"] == 1


# --- retries --------------------------------------------------------------------------------------------------


class CountingPermits:
    """Grants every permit and notes how each ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def __call__(self) -> "CountingPermits":
        return self

    def finish(self, error: BookmakerError | None = None) -> None:
        self.ended.append(error.kind if error else "ok")

    def abandon(self) -> None:
        self.ended.append("abandoned")


def unavailable() -> BookmakerUnavailable:
    return BookmakerUnavailable("betpawa", "event/detail", "HTTP 502")


def limited() -> RateLimited:
    return RateLimited("betpawa", "event/detail", "HTTP 429", 5)


RAW = RawBody(b"{}", "", START, 1.0)


async def sent(answers: list[BookmakerError | RawBody]) -> tuple[CountingPermits, RawBody | BookmakerError]:
    """Fetch from a source that gives these answers in turn, with the longest pauses."""
    clock, permits, left = FakeClock(), CountingPermits(), list(answers)

    async def send() -> RawBody:
        answer = left.pop(0)
        if isinstance(answer, BookmakerError):
            raise answer
        return answer

    fetching = asyncio.ensure_future(fetch_retrying(permits, permits, send, clock, jitter=lambda: 1.0))
    await clock.advance(1.5)
    assert fetching.done()
    return permits, fetching.exception() or fetching.result()


async def test_transport_errors_and_429_are_tried_twice_more():
    permits, result = await sent([unavailable(), limited(), RAW])
    assert result is RAW
    assert permits.ended == ["unavailable", "rate_limited", "ok"]


async def test_the_third_failure_is_the_last():
    last = unavailable()
    permits, result = await sent([unavailable(), unavailable(), last])
    assert result is last
    assert len(permits.ended) == 3


@pytest.mark.parametrize("kind", [BookmakerRefused, EventGone, PayloadChanged])
async def test_what_would_not_change_is_not_tried_again(kind):
    """I7: never other 4xx, never a changed payload."""
    permits, result = await sent([kind("betpawa", "event/detail", "no")])
    assert isinstance(result, kind)
    assert permits.ended == [kind.kind]


async def test_a_cancelled_fetch_gives_its_permit_back():
    permits = CountingPermits()
    fetching = asyncio.ensure_future(fetch_retrying(permits, permits, asyncio.Event().wait, FakeClock()))
    await asyncio.sleep(0)
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert permits.ended == ["abandoned"]


async def test_a_client_gets_its_list_inflated(server: MisbehavingServer, transport):
    url = server.answer("/list", body=gzip.compress(DATA, mtime=0), Content_Encoding="gzip")
    ask = ask_through(transport, "betpawa", CountingPermits(), FakeClock())
    assert await ask(events_list(url)) == DATA


@pytest.mark.parametrize("body", [bomb(), gzip.compress(DATA, mtime=0)[:-9], b"garbage"])
async def test_a_list_that_cannot_be_inflated_is_a_changed_payload(
    server: MisbehavingServer, transport, body
):
    """Bomb, truncated gzip, garbage: asked once, and nothing of it is believed."""
    url = server.answer("/list", body=body, Content_Encoding="gzip")
    with pytest.raises(PayloadChanged):
        await ask_through(transport, "betpawa", CountingPermits(), FakeClock())(events_list(url))
    assert server.requests["/list"] == 1
