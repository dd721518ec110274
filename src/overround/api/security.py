"""
What stands before every route: Host and Origin allow-lists, who is calling, how often, the body limit, and the
headers that tame a browser. Who may call which route is the route's own matter: `roles.py`.
"""

import ipaddress
import re
from collections.abc import Iterable

import msgspec
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from overround.api.callers import CALLER, LOCAL, Caller
from overround.api.keyring import KeyRing
from overround.api.problems import TooManyRequests, problem, problem_of
from overround.api.rate import RateLimit
from overround.errors import ConfigError

BODY_LIMIT = 1024 * 1024
REQUESTS_PER_MINUTE = 6000
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[0-9a-z.-]+)(:\d{1,5})?", re.ASCII)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<place>[^/?#@]+)")
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
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
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


class Place(msgspec.Struct, frozen=True):
    """Host and port, as Host and Origin headers name them; the port of the scheme is left out."""

    name: str
    port: str = ""


def place_of(header: str, default_ports: Iterable[str] = ("80", "443")) -> Place | None:
    """
    Return what a Host header names, None when it is none.

    >>> place_of("LocalHost:8000"), place_of("odds.example:443"), place_of("evil.example@localhost")
    (Place(name='localhost', port='8000'), Place(name='odds.example', port=''), None)
    """
    name = host_name(header)
    if name is None:
        return None
    port = header.strip().rpartition(":")[2]
    return Place(name, port if port.isdigit() and port not in default_ports else "")


def origin_place(header: str) -> Place | None:
    """
    Return the place of an Origin header, None when it is opaque or no web origin.

    >>> origin_place("http://127.0.0.1:5173"), origin_place("https://odds.example"), origin_place("null")
    (Place(name='127.0.0.1', port='5173'), Place(name='odds.example', port=''), None)
    """
    match = _ORIGIN.fullmatch(header.strip().lower())
    return place_of(match["place"], ("443" if match["scheme"] == "https" else "80",)) if match else None


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


class Policy(msgspec.Struct, frozen=True):
    """Whom a server answers to."""

    hosts: frozenset[str] = LOOPBACK_NAMES  # names that a Host header may carry
    any_address: bool = (
        False  # and every IP address: a name can be rebound to another machine, an address can't
    )
    origins: frozenset[str] = frozenset()  # further origins of pages, scheme://host[:port]
    key_required: bool = False
    requests_per_minute: int | None = None  # None: REQUESTS_PER_MINUTE for keys, no limit for `LOCAL`

    def takes_host(self, name: str | None) -> bool:
        """Return whether a Host header may carry this name."""
        return name is not None and (name in self.hosts or (self.any_address and _is_address(name)))

    def takes_origin(self, origin: str, host: str) -> bool:
        """
        Return whether a page of this origin may write, or open a socket, at this host.

        Its own pages may, and those listed. While no key is needed so may the pages of this machine, whatever
        their port, as a development server's.
        """
        place = origin_place(origin)
        if place is None:
            return False
        if place == place_of(host) or origin.strip().lower() in self.origins:
            return True
        return not self.key_required and place.name in self.hosts


def policy_for(
    host: str, allowed_hosts: str = "", allowed_origins: str = "", requests_per_minute: int | None = None
) -> Policy:
    """
    Return the policy of a server that listens on `host`; the lists are comma lists.

    A key is needed as soon as others can reach the server: bound elsewhere than loopback, or named, as behind a
    proxy.

    Raises:
        ConfigError: An entry of a list is none.

    >>> policy_for("127.0.0.1").key_required, policy_for("0.0.0.0").key_required
    (False, True)
    >>> policy_for("127.0.0.1", "odds.example.org").key_required
    True
    """
    names, origins = _entries(allowed_hosts), _entries(allowed_origins)
    for name in names:
        if host_name(name) != name:
            raise ConfigError("OVERROUND_ALLOWED_HOSTS", f"{name!r} is no host name; write odds.example.org")
    for origin in origins:
        if origin_place(origin) is None:
            raise ConfigError(
                "OVERROUND_ALLOWED_ORIGINS", f"{origin!r} is no origin; write https://odds.example.org"
            )
    is_open = not is_loopback(host)
    return Policy(
        hosts=LOOPBACK_NAMES | {host.strip("[]").lower()} | names,
        any_address=is_open,
        origins=origins,
        key_required=is_open or bool(names),
        requests_per_minute=requests_per_minute,
    )


class Gate:
    """ASGI middleware: refuses who has no business here, says who is calling, and adds the security headers."""

    def __init__(self, app: ASGIApp, policy: Policy, ring: KeyRing, rate: RateLimit) -> None:
        self._app, self._policy, self._ring, self._rate = app, policy, ring, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._refusal(scope, must_be_ours=True) or await self._wait_s(scope):
            await receive()  # the handshake; closing before accepting it answers 403
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        writes = scope["method"] not in _SAFE_METHODS
        if reason := self._refusal(scope, must_be_ours=writes):
            await problem(403, reason)(scope, receive, send)
        elif wait_s := await self._wait_s(scope):
            await problem_of(TooManyRequests(wait_s))(scope, receive, send)
        elif _announced_length(scope) > BODY_LIMIT:
            await _too_large()(scope, receive, send)
        elif writes:
            await self._limited(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, must_be_ours: bool) -> str:
        """Return why a request is refused, "" when it is not."""
        hosts = _headers(scope, b"host")
        if len(hosts) != 1 or not self._policy.takes_host(host_name(hosts[0])):
            return "the Host header names another host; OVERROUND_ALLOWED_HOSTS lists those this server answers to"
        origins = _headers(scope, b"origin") if must_be_ours else []
        if not all(self._policy.takes_origin(origin, hosts[0]) for origin in origins):
            return "the Origin header names another site; only pages of this server may do that"
        return ""

    async def _wait_s(self, scope: Scope) -> int:
        """Note who is calling; return for how many seconds they have to wait first, 0 for none."""
        who = scope[CALLER] = await self._ring.identify(HTTPConnection(scope))
        if who is LOCAL and self._policy.requests_per_minute is None:
            return 0
        return self._rate.wait_s(_rated(scope, who))

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


def _rated(scope: Scope, who: Caller | None) -> str:
    """Return as whom a caller is counted: by key, without one by address."""
    return who.key_id if who and who.key_id else (scope.get("client") or ("",))[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _entries(text: str) -> frozenset[str]:
    return frozenset(entry.strip().lower().rstrip("/") for entry in text.split(",") if entry.strip())


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
