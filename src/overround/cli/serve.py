"""`overround serve`: collecting, storing, API and page in one process."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated

import typer

from overround.api.app import create_app
from overround.api.security import Policy, is_loopback, policy_for
from overround.api.server import listen
from overround.api.server import serve as make_server
from overround.cli.loop import run_async, stop_on_signals
from overround.cli.options import (
    RECORD_MAX_MIB,
    DataDirOption,
    PortOption,
    RecordMaxOption,
    RecordOption,
    recording_to,
)
from overround.clock import SystemClock
from overround.config import ProcessConfig, process_config
from overround.errors import ConfigError, StorageError
from overround.log import configure, get_logger
from overround.storage.access import AccessStore
from overround.storage.data_dir import DataDir
from overround.storage.store import open_for_reading
from overround.wiring import Engine

RETRY_OPEN_S = 5.0

log = get_logger(__name__)


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; default OVERROUND_HOST or 127.0.0.1.")
    ] = None,
    port: PortOption = None,
    data_dir: DataDirOption = None,
    no_schedule: Annotated[
        bool, typer.Option("--no-schedule", help="Send no request by itself; manual runs and refreshes work.")
    ] = False,
    record: RecordOption = None,
    record_max_mib: RecordMaxOption = RECORD_MAX_MIB,
) -> None:
    """Collect odds regularly, store them, and serve the page and the API until stopped."""
    config = process_config(host=host, port=port, data_dir=data_dir)
    configure(keep=True)
    if policy_of(config).key_required:
        run_async(refuse_without_key(config))
    with recording_to(record, record_max_mib) as record_to:
        engine = Engine(config, record_to=record_to)
        with engine.data_dir.lock():
            run_async(run_server(engine, schedule=not no_schedule))


def policy_of(config: ProcessConfig) -> Policy:
    """Return whom the server answers to. Raises: ConfigError."""
    return policy_for(config.host, config.allowed_hosts, config.allowed_origins, config.requests_per_minute)


async def refuse_without_key(config: ProcessConfig) -> None:
    """
    Refuse to serve others while there is no key, before anything is opened or made.

    Raises:
        ConfigError: No key is valid.
    """
    try:
        database = open_for_reading(DataDir(config.data_dir), config.database_url)
    except StorageError:
        raise _no_key(config) from None  # there is no database yet
    try:
        await require_key(AccessStore(database), config)
    except StorageError as exc:
        if not config.database_url:  # a database from before there were keys
            raise _no_key(config) from exc
        log.warning("keys_unreadable", reason=str(exc))  # nobody is let in; asked again once it is open
    finally:
        await database.close()


async def require_key(store: AccessStore, config: ProcessConfig) -> None:
    """
    Make sure that somebody can enter.

    Raises:
        ConfigError: No key is valid.
        StorageError: The keys can't be read.
    """
    now = SystemClock().now()
    if not any(key.is_valid(now) for key in await store.keys()):
        raise _no_key(config)


def _no_key(config: ProcessConfig) -> ConfigError:
    if is_loopback(config.host):
        return ConfigError(
            "OVERROUND_ALLOWED_HOSTS",
            f"{config.allowed_hosts} is a name for other machines, and there is no valid API key; "
            "make one with overround keys create NAME --scope admin, or unset it",
        )
    return ConfigError(
        "OVERROUND_HOST",
        f"{config.host} can be reached from other machines, and there is no valid API key; make one with overround keys create NAME --scope admin, "
        "or use 127.0.0.1",
    )


def page_address(host: str, port: int) -> str:
    """
    Return where the page is.

    >>> page_address("127.0.0.1", 8000), page_address("::1", 8000), page_address("[::1]", 8000)
    ('http://127.0.0.1:8000', 'http://[::1]:8000', 'http://[::1]:8000')
    """
    name = host.strip("[]")
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


async def run_server(
    engine: Engine, schedule: bool, on_ready: Callable[[str], Awaitable[None]] | None = None
) -> None:
    """
    Serve until Ctrl-C or SIGTERM, then stop in order.

    Args:
        on_ready: Called with the page's address once runs may begin.
    Raises:
        ConfigError: The port is taken, or the data directory holds another world.
    """
    stopped = stop_on_signals()
    starting = ["starting: the database is being opened"]
    listener = listen(engine.config.host, engine.config.port)
    host = engine.config.host
    address = page_address(host, listener.getsockname()[1])
    policy = policy_of(engine.config)
    app = create_app(engine.services(lambda: list(starting)), policy=policy)
    server = make_server(app, host, engine.config.port)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        if await _opened(engine, starting, stopped):
            if policy.key_required:
                await require_key(engine.access, engine.config)
            if schedule:
                engine.schedule_runs()
            engine.scheduler.start()
            if schedule:
                engine.fast_lane.start()
            starting.clear()
            log.info("server_ready", address=address)
            if on_ready:
                await on_ready(address)
            await _either(stopped, serving)
    finally:
        await engine.scheduler.stop()
        await server.stop(serving)
        await engine.close()


async def _opened(engine: Engine, starting: list[str], stopped: asyncio.Event) -> bool:
    """Open the engine, trying again every five seconds while the database can't be used; False when stopped."""
    while not stopped.is_set():
        try:
            await engine.open()
        except StorageError as exc:
            starting[:] = [f"the database can't be opened: {exc}; next try in {RETRY_OPEN_S:.0f} s"]
            log.error("database_unavailable", reason=str(exc))
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), RETRY_OPEN_S)
        else:
            return True
    return False


async def _either(stopped: asyncio.Event, serving: "asyncio.Task[None]") -> None:
    stopping = asyncio.ensure_future(stopped.wait())
    await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
