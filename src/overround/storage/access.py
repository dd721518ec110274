"""Keys, browser sessions and the audit of writes, as the database keeps them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, insert, or_, select, update

from overround.domain.access import ApiKey, AuditEntry, BrowserSession, Scope, digest_of, new_secret
from overround.errors import ConfigError, StorageError
from overround.storage import schema
from overround.storage.connections import Connections

NAME_LIMIT = 80


class AccessStore:
    """The tables `api_key`, `api_session` and `audit`. Every method raises StorageError, also while none is open."""

    def __init__(self, database: Connections | None = None) -> None:
        self._database = database

    def open(self, database: Connections | None) -> None:
        """Work on this database from now on; None ends it."""
        self._database = database

    async def keys(self) -> list[ApiKey]:
        """Return every key there ever was, oldest first."""
        async with self._opened().reading() as db:
            found = await db.execute(select(schema.api_key).order_by(schema.api_key.c.created_at))
            return [ApiKey(*row) for row in found]

    async def sessions(self, now: datetime) -> list[BrowserSession]:
        """Return the sessions that have not run out."""
        table = schema.api_session
        async with self._opened().reading() as db:
            return [
                BrowserSession(*row)
                for row in await db.execute(select(table).where(table.c.expires_at > now))
            ]

    async def create(
        self, name: str, scope: Scope, at: datetime, expires_at: datetime | None
    ) -> tuple[ApiKey, str]:
        """
        Store a new key and return it with its secret, which is kept nowhere.

        Raises:
            ConfigError: The name is unfit, or a valid key has it.
        """
        if not (name and len(name) <= NAME_LIMIT and name.isprintable() and name == name.strip()):
            raise ConfigError("name", f"must be 1 to {NAME_LIMIT} printable characters")
        if any(key.name == name and key.is_valid(at) for key in await self.keys()):
            raise ConfigError("name", f"a valid key is called {name}; revoke it first or choose another name")
        secret = new_secret()
        key = ApiKey(secrets.token_hex(4), name, scope, digest_of(secret), at, expires_at)
        async with self._opened().writing() as db:
            await db.execute(insert(schema.api_key).values(**msgspec.structs.asdict(key)))
        return key, secret

    async def revoke(self, named: str, at: datetime) -> list[ApiKey]:
        """Revoke the key with this id, or the one that is not revoked yet with this name; return what changed."""
        table = schema.api_key
        wanted = or_(table.c.id == named, table.c.name == named), table.c.revoked_at.is_(None)
        async with self._opened().writing() as db:
            rows = (await db.execute(select(table).where(*wanted))).all()
            await db.execute(update(table).where(*wanted).values(revoked_at=at))
        return [msgspec.structs.replace(ApiKey(*row), revoked_at=at) for row in rows]

    async def open_session(self, session: BrowserSession) -> None:
        """Store a browser's session."""
        async with self._opened().writing() as db:
            await db.execute(insert(schema.api_session).values(**msgspec.structs.asdict(session)))

    async def close_session(self, digest: str) -> None:
        """Forget a browser's session."""
        table = schema.api_session
        async with self._opened().writing() as db:
            await db.execute(delete(table).where(table.c.digest == digest))

    async def note(self, entry: AuditEntry) -> None:
        """Store what somebody did."""
        async with self._opened().writing() as db:
            await db.execute(insert(schema.audit).values(**msgspec.structs.asdict(entry)))

    async def audit(self, limit: int, offset: int = 0) -> tuple[Sequence[AuditEntry], int]:
        """Return what was done, newest first, and how many entries there are."""
        table = schema.audit
        columns = [table.c[name] for name in AuditEntry.__struct_fields__]
        async with self._opened().reading() as db:
            total = (await db.execute(select(func.count()).select_from(table))).scalar_one()
            found = select(*columns).order_by(table.c.id.desc()).limit(limit).offset(offset)
            return [AuditEntry(*row) for row in await db.execute(found)], total

    def _opened(self) -> Connections:
        if self._database is None:
            raise StorageError(None, "the database is not open yet")
        return self._database
