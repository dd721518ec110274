"""What stands before every route: Host and Origin allow-lists, the body limit, the headers that tame a browser."""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from overround.api.problems import problem

BODY_LIMIT = 1024 * 1024
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[0-9a-z.-]+)(:\d{1,5})?", re.ASCII)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

SECURITY_HEADERS: list[tuple[bytes, bytes]] = [
    (
        b"content-security-policy",
        b"default-src 'self'; "
        b"connect-src 'self' ws://localhost:* ws://127.0.0.1:*; "  # Chromium knows no IPv6 literal here
        b"img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class BodyTooLarge(Exception):
    """The request's body passed the limit while it was read."""


def host_name(header: str) -> str | None:
    """
    Return the name in a Host header without its port, None when it is none.

    >>> host_name("LocalHost:8000"), host_name("[::1]:8000"), host_name("a b"), host_name("evil.example@localhost")
    ('localhost', '::1', None, None)
    """
    match = _HOST.fullmatch(header.strip().lower())
    return match["name"].strip("[]") if match else None


def origin_name(header: str) -> str | None:
    """
    Return the host of an Origin header, None when it is opaque or no web origin.

    >>> origin_name("http://127.0.0.1:5173"), origin_name("null"), origin_name("file://localhost")
    ('127.0.0.1', None, None)
    """
    parts = urlsplit(header.strip().lower())
    return host_name(parts.netloc) if parts.scheme in ("http", "https") else None


def is_loopback(host: str) -> bool:
    """
    Return whether a server bound to this host can only be reached from this machine.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("0.0.0.0"), is_loopback("example.org")
    (True, True, False, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def names_for(host: str) -> frozenset[str]:
    """
    Return the names that a Host header may carry for a server bound to this loopback address.

    >>> sorted(names_for("127.0.0.2") - LOOPBACK_NAMES), names_for("[::1]") == LOOPBACK_NAMES
    (['127.0.0.2'], True)
    """
    return LOOPBACK_NAMES | {host.strip("[]")}


class Gate:
    """ASGI middleware: refuses foreign hosts, foreign origins and huge bodies, and adds the security headers."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] = LOOPBACK_NAMES) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._refusal(scope, must_be_ours=True):
            await receive()  # the handshake; closing before accepting it answers 403
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        writes = scope["method"] not in _SAFE_METHODS
        if reason := self._refusal(scope, must_be_ours=writes):
            await problem(403, reason)(scope, receive, send)
        elif _announced_length(scope) > BODY_LIMIT:
            await _too_large()(scope, receive, send)
        elif writes:
            await self._limited(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, must_be_ours: bool) -> str:
        """Return why a request is refused, "" when it is not."""
        hosts = _headers(scope, b"host")
        if len(hosts) != 1 or host_name(hosts[0]) not in self._allowed:
            return "the Host header names another host; this server answers to loopback names only"
        origins = _headers(scope, b"origin") if must_be_ours else []
        if any(origin_name(origin) not in self._allowed for origin in origins):
            return "the Origin header names another site; only pages of this server may do that"
        return ""

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0
        started = False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > BODY_LIMIT:
                raise BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except BodyTooLarge:
            if not started:
                await _too_large()(scope, receive, send)


def _too_large() -> ASGIApp:
    return problem(413, f"the body is larger than {BODY_LIMIT} bytes")


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _announced_length(scope: Scope) -> int:
    lengths = _headers(scope, b"content-length")
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
        await send(message)

    return sender
