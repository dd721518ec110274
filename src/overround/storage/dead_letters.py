"""Dead letters: rows that the database refused to hold, kept until a person decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec
from sqlalchemy import Select, func, select, update

from overround.errors import RowRefused
from overround.storage import schema
from overround.storage.connections import Connections
from overround.storage.records import WriteBatch, decode

LetterState = Literal["waiting", "replayed", "discarded"]


class DeadLetter(msgspec.Struct, frozen=True):
    """One of them."""

    id: int
    change_id: int
    run_id: str | None
    accepted_at: datetime
    buried_at: datetime
    kind: str
    sportradar_id: str
    bookmaker: str
    market: str
    reason: str
    state: LetterState
    settled_at: datetime | None


class LetterOutcome(msgspec.Struct, frozen=True):
    """What became of one letter that was to be written or given up."""

    id: int
    ok: bool
    detail: str  # why not, "" when it went well


class Revives(Protocol):
    """What writes a letter after all: the write handler."""

    async def revive(self, letter_id: int, at: datetime) -> bool:
        """Write a waiting letter's row; False when there is no such letter. Raises: StorageError."""
        ...


class DeadLetters:
    """The table `dead_letter`."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    async def page(
        self, state: LetterState | None = "waiting", limit: int = 100, offset: int = 0
    ) -> tuple[list[DeadLetter], int]:
        """Return letters, newest first, and how many there are. Raises: StorageError."""
        table = schema.dead_letter
        wanted = [table.c.state == state] if state else []
        counted = select(func.count()).select_from(table).where(*wanted)
        found = _letters().where(*wanted).order_by(table.c.id.desc()).limit(limit).offset(offset)
        async with self._database.reading() as db:
            total = (await db.execute(counted)).scalar_one()
            return [DeadLetter(*row) for row in await db.execute(found)], total

    async def get(self, letter_id: int) -> tuple[DeadLetter, dict[str, Any]] | None:
        """Return a letter and what it holds in a form for people, None without such a letter. Raises: StorageError."""
        table = schema.dead_letter
        async with self._database.reading() as db:
            row = (
                await db.execute(_letters().add_columns(table.c.piece).where(table.c.id == letter_id))
            ).one_or_none()
        return None if row is None else (DeadLetter(*row[:-1]), shown(row[-1]))

    async def replay(self, writer: Revives, letter_ids: Sequence[int], at: datetime) -> list[LetterOutcome]:
        """Write letters after all, one by one. Raises: StorageError: the database is not well."""
        outcomes: list[LetterOutcome] = []
        for letter_id in letter_ids:
            try:
                done = await writer.revive(letter_id, at)
            except RowRefused as exc:
                outcomes.append(LetterOutcome(letter_id, False, str(exc)))
            else:
                outcomes.append(_outcome(letter_id, done))
        return outcomes

    async def discard(self, letter_ids: Sequence[int], at: datetime) -> list[LetterOutcome]:
        """Give letters up; they stay readable until retention takes them. Raises: StorageError."""
        table = schema.dead_letter
        outcomes: list[LetterOutcome] = []
        for letter_id in letter_ids:
            async with self._database.writing() as db:
                done = await db.execute(
                    update(table)
                    .where(table.c.id == letter_id, table.c.state == "waiting")
                    .values(state="discarded", settled_at=at)
                )
            outcomes.append(_outcome(letter_id, done.rowcount == 1))
        return outcomes


def shown(piece: bytes) -> dict[str, Any]:
    """Return what a piece holds as plain values by field name; its bytes as hex when it can't be read."""
    try:
        (read,) = decode(WriteBatch(0, None, datetime.fromisoformat("1970-01-01T00:00:00+00:00"), (piece,)))
    except RowRefused:
        return {"unreadable": piece.hex()}
    said = {name: getattr(read, name) for name in read.__struct_fields__}
    plain: Any = msgspec.to_builtins({name: value for name, value in said.items() if value not in (None, [])})
    if "odds" in plain:
        plain["odds"] = [packed.hex() for packed in said["odds"]]
    if "suspended" in plain:
        plain["suspended"] = [packed.hex() for packed in said["suspended"]]
    return plain


def _outcome(letter_id: int, done: bool) -> LetterOutcome:
    return LetterOutcome(letter_id, done, "" if done else "no such letter is waiting")


def _letters() -> Select[*tuple[Any, ...]]:
    column = schema.dead_letter.c
    return select(
        column.id, column.change_id, column.run_id, column.accepted_at, column.buried_at, column.kind,
        column.sportradar_id, column.bookmaker, column.market, column.reason, column.state, column.settled_at,
    )  # fmt: skip
