"""Requests to bookmakers over one shared session: deadlines, caps, honest headers, errors by class, one retry layer."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any, Protocol

import aiohttp
import msgspec
from yarl import URL

from overround import metrics
from overround.bookmakers.base import Ask, Request
from overround.bookmakers.content_encoding import MAX_BODY_BYTES, head, inflate
from overround.clock import Clock
from overround.errors import (
    BookmakerError,
    BookmakerRefused,
    BookmakerUnavailable,
    EventGone,
    PayloadChanged,
    RateLimited,
)

DEADLINES_S: Mapping[str, float] = {"list": 30.0, "event": 10.0}  # connecting and reading together
ACCEPT_ENCODING = "gzip, deflate, br"
LARGEST_PAGE_BYTES = 16_384  # of a page that calls itself JSON, compressed; beyond, the parser finds out
POOL, POOL_PER_HOST = 200, 100

RETRIES = 2
BACKOFF_S = (0.5, 1.0)  # upper end of the pause before each retry; full jitter takes any part of it
RETRIED = (BookmakerUnavailable, RateLimited)

DEFAULT_RETRY_AFTER_S = 5.0  # a 429 that names no time
MAX_RETRY_AFTER_S = 24 * 3600.0  # a date in year 9999 must not silence a bookmaker for good


class RawBody(msgspec.Struct, frozen=True):
    """The body of a 200 answer as received, still compressed."""

    body: bytes
    encoding: str  # the content-encoding header, "" when there was none
    fetched_at: datetime  # when the last byte had come
    ms: float  # time on the wire, connecting included


class Permit(Protocol):
    """Leave to have one request on the wire; ends exactly once, further calls change nothing."""

    def finish(self, error: BookmakerError | None = None) -> None:
        """Say how the request ended."""
        ...

    def abandon(self) -> None:
        """Say that the request was given up before an answer: it tells nothing of the bookmaker."""
        ...


Admit = Callable[[], Awaitable[Permit]]


class Transport:
    """One shared session. A call of `fetch` is one attempt: limits and retries are its callers' business."""

    def __init__(
        self,
        user_agent: str,
        clock: Clock,
        deadlines_s: Mapping[str, float] = DEADLINES_S,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING}
        self._clock, self._deadlines_s, self._max_body_bytes = clock, deadlines_s, max_body_bytes
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, bookmaker: str, request: Request) -> RawBody:
        """
        Send one request and return the body of its 200 answer as received.

        Raises:
            BookmakerUnavailable, RateLimited, BookmakerRefused, EventGone, PayloadChanged: See errors.py.
        """
        try:
            raw = await self._fetch(bookmaker, request)
        except BookmakerError as exc:
            metrics.FETCHES.labels(bookmaker, exc.kind).inc()
            raise
        metrics.FETCHES.labels(bookmaker, "ok").inc()
        metrics.FETCH_SECONDS.labels(bookmaker).observe(raw.ms / 1000)
        return raw

    async def close(self) -> None:
        """Close every connection; a later `fetch` opens new ones."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _fetch(self, bookmaker: str, request: Request) -> RawBody:
        started, deadline_s = self._clock.monotonic(), self._deadlines_s[request.kind]
        answered = False
        try:
            async with asyncio.timeout(deadline_s), self._send(request) as response:
                answered = True
                _check_status(bookmaker, request, response, self._clock.now())
                body = await self._read(bookmaker, request, response)
        except TimeoutError as exc:
            detail = f"no complete answer within {deadline_s:g} s"
            raise BookmakerUnavailable(bookmaker, request.operation, detail, answered) from exc
        except (aiohttp.ClientError, OSError) as exc:
            detail = f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
            raise BookmakerUnavailable(bookmaker, request.operation, detail, answered) from exc
        encoding = response.headers.get("Content-Encoding", "")
        if response.content_type == "text/html" or _is_a_page(response.content_type, body, encoding):
            raise BookmakerRefused(bookmaker, request.operation, "a page instead of data, with status 200")
        return RawBody(body, encoding, self._clock.now(), (self._clock.monotonic() - started) * 1000)

    def _send(self, request: Request) -> Any:  # aiohttp's request context; its type is private
        return self._opened().request(
            request.method,
            URL(request.url, encoded=True),  # sent as the client wrote it: quoting is part of their contract
            headers=request.headers,
            data=request.body or None,
            allow_redirects=False,
        )

    async def _read(self, bookmaker: str, request: Request, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = response.content_length or 0
        if size <= self._max_body_bytes:
            size = 0
            async for chunk in response.content.iter_any():
                chunks.append(chunk)
                size += len(chunk)
                if size > self._max_body_bytes:
                    break
        if size > self._max_body_bytes:
            detail = f"the body is larger than {self._max_body_bytes} bytes"
            raise PayloadChanged(bookmaker, request.operation, detail)
        return b"".join(chunks)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=POOL, limit_per_host=POOL_PER_HOST, ttl_dns_cache=300),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),  # ours counts connecting and reading together
                auto_decompress=False,
            )
            # aiohttp sends a request again by itself when a kept connection breaks. That would be a second
            # retry layer whose requests no limiter has admitted.
            self._session._retry_connection = False  # pyright: ignore[reportPrivateUsage]
        return self._session


async def fetch_retrying(
    permit: Permit,
    admit: Admit,
    send: Callable[[], Awaitable[RawBody]],
    clock: Clock,
    jitter: Callable[[], float] = random.random,
) -> RawBody:
    """
    Send until there is an answer or no retry is left; the only place that retries.

    Transport errors, 429 and 5xx are tried again, each time with a new permit; nothing else is.

    Args:
        permit: For the first attempt.
        admit: Waits for the permit of a retry; what it raises ends the fetch.
        jitter: A number from 0 to 1, the part of the longest pause to take.
    """
    for pause_s in (*BACKOFF_S, None):
        try:
            raw = await send()
        except BookmakerError as exc:
            permit.finish(exc)
            if pause_s is None or not isinstance(exc, RETRIED):
                raise
        except BaseException:
            permit.abandon()
            raise
        else:
            permit.finish()
            return raw
        await clock.sleep(jitter() * pause_s)
        permit = await admit()
    raise AssertionError("unreachable: the last attempt returns or raises")


def ask_through(transport: Transport, bookmaker: str, admit: Admit, clock: Clock) -> Ask:
    """Return how a client asks its bookmaker: admitted, retried, inflated."""

    async def ask(request: Request) -> bytes:
        raw = await fetch_retrying(await admit(), admit, lambda: transport.fetch(bookmaker, request), clock)
        return inflated(bookmaker, request, raw)

    return ask


def inflated(bookmaker: str, request: Request, raw: RawBody) -> bytes:
    """
    Return an answer's body, inflated.

    Raises:
        PayloadChanged: It is not what its encoding says.
    """
    try:
        return inflate(raw.body, raw.encoding)
    except ValueError as exc:
        raise PayloadChanged(bookmaker, request.operation, str(exc)) from exc


def _is_a_page(content_type: str, body: bytes, encoding: str) -> bool:
    # Inflating gives the interpreter away, and beside a thread that parses it is 2 ms until it is back.
    if content_type == "application/json" and len(body) > LARGEST_PAGE_BYTES:
        return False
    return head(body, encoding).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _check_status(bookmaker: str, request: Request, response: aiohttp.ClientResponse, now: datetime) -> None:
    """Raise what a status other than 200 means."""
    status, operation = response.status, request.operation
    detail = f"HTTP {status}"
    if status == 200:
        return
    if status == 429:
        raise RateLimited(bookmaker, operation, detail, retry_after_s(response.headers, now))
    if status >= 500:
        raise BookmakerUnavailable(bookmaker, operation, detail, answered=True)
    if status in (404, 410) and request.kind == "event":
        raise EventGone(bookmaker, operation, detail)
    if 300 <= status < 400:
        raise BookmakerRefused(bookmaker, operation, f"{detail}, a redirect we do not follow")
    if status < 300:
        raise PayloadChanged(bookmaker, operation, f"{detail} where 200 was expected")
    # 403, and every other 4xx (a list's 404 among them): asking again in the same way would not help
    raise BookmakerRefused(bookmaker, operation, detail)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """
    Return how long a 429 wants us to wait, in seconds; five when it does not say.

    A date counts from the answer's own Date header, so that a wrong clock on either side does no harm.

    >>> retry_after_s({"Retry-After": "7"}, datetime.now(UTC))
    7.0
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), MAX_RETRY_AFTER_S)
    until = _http_date(value)
    if until is None:
        return DEFAULT_RETRY_AFTER_S
    since = _http_date(headers.get("Date", "")) or now
    return min(max(0.0, float(ceil((until - since).total_seconds()))), MAX_RETRY_AFTER_S)


def _http_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
