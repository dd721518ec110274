"""Which keys, browser sessions and tickets open the API at this moment."""

import asyncio
import math
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection

from overround.api.callers import LOCAL, Caller
from overround.api.ports import Access
from overround.api.problems import KeyMissing
from overround.clock import Clock
from overround.domain.access import SECRET_PREFIX, ApiKey, BrowserSession, digest_of
from overround.errors import StorageError
from overround.log import get_logger

log = get_logger(__name__)

COOKIE = "overround_session"
REFRESH_S = 2.0  # a revoked key is noticed within this time
ASK_AGAIN_S = 1.0  # an unknown key makes us look for new ones at most this often
SESSION_FOR = timedelta(days=7)
TICKET_S = 30.0
MOST_TICKETS = 10_000
LONGEST_SECRET = 200


class KeyRing:
    """
    Keys and sessions as the database had them a moment ago, so that no request waits for it.

    While the database is away what was known stays valid until it runs out; a process that never reached it lets
    nobody in.
    """

    def __init__(self, store: Access, clock: Clock, required: bool) -> None:
        """Begin empty; without `required` whoever shows no key is `LOCAL`."""
        self.required = required
        self._store, self._clock = store, clock
        self._keys: dict[str, ApiKey] = {}  # by digest, valid or not
        self._by_id: dict[str, ApiKey] = {}
        self._sessions: dict[str, BrowserSession] = {}  # by digest
        self._tickets: dict[str, tuple[Caller, float]] = {}  # by digest, with the time they run out
        self._missed_at = -math.inf
        self._reading = asyncio.Lock()
        self._is_away = False

    async def watch(self, after: Callable[[], None]) -> None:
        """Read the database again every two seconds until cancelled, calling `after` each time."""
        while True:
            await self.refresh()
            after()
            await self._clock.sleep(REFRESH_S)

    async def refresh(self) -> None:
        """Read the database again; where that fails, keep what is known."""
        async with self._reading:
            try:
                keys, sessions = await self._store.keys(), await self._store.sessions(self._clock.now())
            except StorageError as exc:
                if not self._is_away and self._keys:
                    log.warning("keys_unreadable", reason=str(exc))
                self._is_away = True
                return
            self._is_away = False
            self._keys = {key.digest: key for key in keys}
            self._by_id = {key.id: key for key in keys}
            self._sessions = {session.digest: session for session in sessions}

    async def identify(self, request: HTTPConnection) -> Caller | None:
        """Return who makes a request: by its key, else by its cookie, else `LOCAL` where no key is needed."""
        if (given := request.headers.get("authorization")) is not None:
            kind, _, secret = given.partition(" ")
            return await self.by_secret(secret.strip()) if kind.lower() == "bearer" else None
        if (token := request.cookies.get(COOKIE)) and (who := self._by_session(digest_of(token))):
            return who
        return None if self.required else LOCAL

    async def by_secret(self, secret: str) -> Caller | None:
        """Return whom a key's secret stands for, None when it opens nothing now."""
        if not secret.startswith(SECRET_PREFIX) or len(secret) > LONGEST_SECRET:
            return None
        digest = digest_of(secret)
        if digest not in self._keys and self._clock.monotonic() - self._missed_at >= ASK_AGAIN_S:
            self._missed_at = self._clock.monotonic()
            await self.refresh()  # it may have been made this very second
        return self._valid(self._keys.get(digest))

    def still(self, who: Caller) -> bool:
        """Return whether somebody who was let in would be let in now."""
        if not who.key_id:
            return not self.required
        if who.session and self._by_session(who.session) is None:
            return False
        return self._valid(self._by_id.get(who.key_id)) is not None

    async def open_session(self, secret: str) -> tuple[Caller, str, datetime]:
        """
        Begin a browser's session; return whose it is, the cookie's value and when it ends.

        Raises:
            KeyMissing: The key opens nothing.
            StorageError: It can't be stored.
        """
        who = await self.by_secret(secret)
        if who is None:
            raise KeyMissing
        token, now = secrets.token_urlsafe(32), self._clock.now()
        ends_at = min(filter(None, (now + SESSION_FOR, self._by_id[who.key_id].expires_at)))
        session = BrowserSession(digest_of(token), who.key_id, now, ends_at)
        async with self._reading:
            await self._store.open_session(session)
            self._sessions[session.digest] = session
        return Caller(who.name, who.scope, who.key_id, session.digest), token, ends_at

    async def close_session(self, token: str) -> None:
        """End a browser's session now. Raises: StorageError."""
        digest = digest_of(token)
        async with self._reading:
            if digest in self._sessions:
                await self._store.close_session(digest)
                self._sessions.pop(digest, None)

    def ticket_for(self, who: Caller) -> str:
        """Return a ticket with which this caller may open one socket within half a minute."""
        now = self._clock.monotonic()
        self._tickets = {digest: kept for digest, kept in self._tickets.items() if kept[1] > now}
        while len(self._tickets) >= MOST_TICKETS:
            self._tickets.pop(next(iter(self._tickets)))
        ticket = secrets.token_urlsafe(32)
        self._tickets[digest_of(ticket)] = who, now + TICKET_S
        return ticket

    def take_ticket(self, ticket: str) -> Caller | None:
        """Return whose ticket it is and use it up; None when it is unknown, used or too old."""
        who, until = self._tickets.pop(digest_of(ticket), (None, 0.0))
        in_time = who is not None and self._clock.monotonic() < until
        return who if who and in_time and self.still(who) else None

    def _by_session(self, digest: str) -> Caller | None:
        session = self._sessions.get(digest)
        if session is None or self._clock.now() >= session.expires_at:
            return None
        who = self._valid(self._by_id.get(session.key_id))
        return who and Caller(who.name, who.scope, who.key_id, digest)

    def _valid(self, key: ApiKey | None) -> Caller | None:
        if key is None or not key.is_valid(self._clock.now()):
            return None
        return Caller(key.name, key.scope, key.id)
