"""Answers of the API without a server: the same routes over the database, opened read-only, as it was left."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, cast
from urllib.parse import urlencode

from rich.console import Console
from rich.markup import escape
from sqlalchemy import func, select
from starlette.types import Message

from overround.analysis.desk import AnalysisDesk
from overround.analysis.exposure_log import load_exposures
from overround.analysis.past_movements import MovementRebuild
from overround.api.app import create_app
from overround.api.ports import Services
from overround.bus.memory import MemoryBus
from overround.cache.odds_cache import OddsCache
from overround.cli.ask_server import NoServer, ask
from overround.clock import SystemClock
from overround.config import ProcessConfig, Settings, packaged_catalogue, process_config
from overround.errors import StorageError, one_line
from overround.log import configure
from overround.storage import schema
from overround.storage.access import AccessStore
from overround.storage.changes import StoredChange, Window, window_changes
from overround.storage.data_dir import DataDir
from overround.storage.database import Database
from overround.storage.exposures import ExposureStore
from overround.storage.repository import Repository
from overround.storage.rollups import RollupStore
from overround.storage.store import open_for_reading


def ask_or_read(url: str, path: str, query: Mapping[str, str | int], data_dir: Path | None) -> Any:
    """
    Return the JSON of a GET at the running server; without one, of the same route over the database.

    Raises:
        ConfigError, ServerRefused: As `ask`.
        StorageError: No server runs, and there is no database or it can't be read.
    """
    try:
        return ask(url, path, query)
    except NoServer as exc:
        configure("error")
        try:
            at, answer = asyncio.run(_read(process_config(data_dir=data_dir), path, query))
        except StorageError as failed:
            raise StorageError(None, f"{exc}, and {failed}") from failed
        note = f"{exc}; this is what the database held when its prices were confirmed last, {at:%Y-%m-%d %H:%M} UTC"
        Console(stderr=True).print(escape(note), soft_wrap=True, highlight=False)
        return answer


class _StandingClock(SystemClock):
    """The moment at which the stored prices were confirmed last: later ones would call all of them stale."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at

    def now(self) -> datetime:
        return self._at


class _Stored:
    """What the routes of analysis ask of the storage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def window(
        self, sportradar_id: str, bookmakers: Sequence[str], window: Window, limit: int
    ) -> dict[str, list[StoredChange]] | None:
        return await window_changes(self._database, sportradar_id, bookmakers, window, limit)

    async def newest_change(self) -> int:
        return 0

    def rollups(self) -> RollupStore:
        return RollupStore(self._database)


class _OnlyAServer:
    """The parts of a process that has none."""

    def on_alert(self, listener: object) -> None:
        """Nothing fires here."""

    def __getattr__(self, name: str) -> NoReturn:
        raise StorageError(None, f"only a running server has this ({name})")


async def _read(config: ProcessConfig, path: str, query: Mapping[str, str | int]) -> tuple[datetime, Any]:
    database = open_for_reading(DataDir(config.data_dir), config.database_url)
    try:
        async with database.reading() as db:
            newest = (await db.execute(select(func.max(schema.listing.c.last_confirmed_at)))).scalar()
        clock = _StandingClock(newest or SystemClock().now())
        services = await _services(config, database, clock)
        return clock.now(), await _get(services, path, query)
    finally:
        await database.close()


async def _services(config: ProcessConfig, database: Database, clock: _StandingClock) -> Services:
    """Return the services of a process that woke up at the clock's time, with all that is stored in memory."""
    repository, settings, catalogue = (
        Repository(database, clock),
        Settings(config.enabled),
        packaged_catalogue(),
    )
    settings.restore(await repository.settings.load())
    cache, bus, stored = OddsCache(catalogue), MemoryBus(), _Stored(database)
    cache.load(await repository.load_current(clock.now()))
    desk = AnalysisDesk(cache, bus, settings, catalogue, clock)
    desk.restore(await load_exposures(ExposureStore(database), clock))
    desk.reload()
    await desk.rebuild(MovementRebuild(stored, cache, settings, catalogue, clock, None))
    absent = cast("Any", _OnlyAServer())
    fields: dict[str, Any] = dict.fromkeys(Services.__struct_fields__, absent) | {
        "cache": cache, "bus": bus, "settings": settings, "catalogue": catalogue, "clock": clock,
        "world": config.effective_world(), "storage": stored, "analysis": desk, "access": AccessStore(database),
    }  # fmt: skip
    return Services(**fields)


async def _get(services: Services, path: str, query: Mapping[str, str | int]) -> Any:
    """Return the JSON that a route answers this machine."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    asked = urlencode({name: value for name, value in query.items() if value != ""})
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": asked.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    await create_app(services)(scope, receive, send)
    status = said[0]["status"]
    answer = json.loads(b"".join(message.get("body", b"") for message in said[1:]))
    if status != 200:
        raise StorageError(None, one_line(str(answer.get("detail", ""))))
    return answer
