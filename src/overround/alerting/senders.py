"""Sending one alert once: our signed webhook, and everything that Apprise speaks."""

import asyncio
import hashlib
import hmac
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec

from overround.alerting.guard import Guard
from overround.clock import Clock, within
from overround.domain.alerts import Alert, Channel
from overround.errors import one_line
from overround.log import hidden

CONNECT_S = 2.0
ATTEMPT_S = 8.0
APPRISE_S = 20.0
REASON_LIMIT = 200
LONGEST_WAIT_S = 300.0

SIGNATURE = "Overround-Signature"
IDEMPOTENCY = "Idempotency-Key"
_AGAIN = (408, 421, 425, 429)  # a 4xx that another try may change
# Not sent on to Apprise's process: what it may not know (our database's password), and proxies, which would hide
# from the guard where a connection leads.
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


class Sent(msgspec.Struct, frozen=True):
    """
    How an attempt ended.

    `again`: the receiver can't be reached or is not well; `refused`: it says that this message is not for it.
    """

    result: Literal["delivered", "again", "refused"]
    reason: str = ""  # without secrets
    retry_after_s: float | None = None


class Sender(Protocol):
    """One way to send."""

    longest_pause_s: float  # between attempts at somebody who is away

    async def send(self, channel: Channel, delivery_id: str, alert: Alert, now: datetime) -> Sent:
        """Try once. Never raises for what goes wrong out there."""
        ...

    async def check(self, channel: Channel) -> str:
        """Return why nothing can be sent through a channel, "" when nothing speaks against it."""
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...


def sign(secret: str, at: datetime, body: bytes) -> str:
    """
    Return the value of the header Overround-Signature: HMAC-SHA256 over `timestamp.body`.

    >>> from datetime import UTC
    >>> sign("s", datetime(2026, 11, 24, tzinfo=UTC), b"{}")[:26]
    't=1795478400,v1=eeaa42b7c1'
    """
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def body_of(delivery_id: str, alert: Alert) -> bytes:
    """Return what a webhook gets; times are ISO 8601 in UTC."""
    return msgspec.json.encode({"type": "alert", "delivery_id": delivery_id, "alert": alert})


class WebhookSender:
    """POSTs signed JSON; connects only where the guard allows, follows no redirect, uses no proxy."""

    longest_pause_s = 2.5  # so that what waits is delivered within five seconds of the receiver's return

    def __init__(self, guard: Guard, clock: Clock, user_agent: str) -> None:
        self._guard, self._clock, self._agent = guard, clock, user_agent
        self._session: aiohttp.ClientSession | None = None

    async def send(self, channel: Channel, delivery_id: str, alert: Alert, now: datetime) -> Sent:
        """POST the alert; any 2xx is a delivery."""
        body = body_of(delivery_id, alert)
        headers = {
            "content-type": "application/json",
            "user-agent": self._agent,
            IDEMPOTENCY: delivery_id,
            SIGNATURE: sign(channel.secret, now, body),
        }
        try:
            return await within(self._clock, ATTEMPT_S, self._post(channel.url, body, headers))
        except TimeoutError:
            return Sent("again", f"no answer within {ATTEMPT_S:g} s")

    async def check(self, channel: Channel) -> str:
        """Return why the address can't be used: where its name leads now is looked up."""
        try:
            parts = urlsplit(channel.url)
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(parts.hostname or "", parts.port, type=socket.SOCK_STREAM)
        except (OSError, ValueError, UnicodeError):
            return ""  # a name that can't be resolved now may be later
        refused = [info[4][0] for info in found if not self._guard.allows(str(info[4][0]))]
        return _not_allowed(str(refused[0])) if refused else ""

    async def close(self) -> None:
        """Close connections that are kept open."""
        if self._session:
            await self._session.close()

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Sent:
        try:
            async with self._opened().post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return _judged(answer.status, answer.headers.get("retry-after", ""))
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            return Sent("again", one_line(hidden(str(exc) or type(exc).__name__), REASON_LIMIT))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(socket_factory=self._socket, use_dns_cache=False)
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    def _socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Make the socket for exactly this numeric address, the last moment to refuse it."""
        family, kind, protocol, _, peer = address
        if not self._guard.allows(str(peer[0])):
            raise OSError(_not_allowed(str(peer[0])))
        return socket.socket(family, kind, protocol)


class AppriseSender:
    """Sends through Apprise in a process of its own, one message at a time; it starts with the first message."""

    longest_pause_s = 30.0

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard, self._clock = guard, clock
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def send(self, channel: Channel, delivery_id: str, alert: Alert, now: datetime) -> Sent:
        """Hand the alert to the service; Apprise does not say why one refuses for good, so all is tried again."""
        answer = await self._ask({"url": channel.url, "title": alert.title, "body": alert.detail})
        return Sent("delivered") if answer["ok"] else Sent("again", _clean(answer))

    async def check(self, channel: Channel) -> str:
        """Return why Apprise can't work with the address."""
        answer = await self._ask({"url": channel.url, "check": True})
        return "" if answer["ok"] else "no service of Apprise has an address like this"

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, request: Mapping[str, object]) -> dict[str, Any]:
        async with self._turn:
            try:
                return await within(self._clock, APPRISE_S, self._exchange(msgspec.json.encode(request)))
            except (TimeoutError, OSError, ValueError) as exc:
                await self.close()
                return {"ok": False, "reason": str(exc)}
            except asyncio.CancelledError:
                await self.close()  # its answer would be taken for the next one's
                raise

    async def _exchange(self, line: bytes) -> dict[str, Any]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await self._start()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(line + b"\n")
        await process.stdin.drain()
        answer = await process.stdout.readline()
        if not answer:
            raise OSError("the process that runs Apprise ended")
        return msgspec.json.decode(answer, type=dict[str, Any])

    async def _start(self) -> asyncio.subprocess.Process:
        networks = ",".join(str(network) for network in self._guard.allowed)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "overround.alerting.apprise_worker", networks,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
        )  # fmt: skip


def _judged(status: int, retry_after: str) -> Sent:
    if 200 <= status < 300:
        return Sent("delivered")
    if 300 <= status < 400:
        return Sent("refused", f"answers {status}, a redirect, which is not followed")
    pause = min(float(retry_after), LONGEST_WAIT_S) if retry_after.isdecimal() else None
    final = 400 <= status < 500 and status not in _AGAIN
    return Sent("refused" if final else "again", f"answers {status}", pause)


def _not_allowed(address: str) -> str:
    return f"{address} is not a public address; OVERROUND_ALERT_ALLOW names what else may be reached"


def _clean(answer: Mapping[str, Any]) -> str:
    return one_line(hidden(str(answer.get("reason", ""))), REASON_LIMIT)
