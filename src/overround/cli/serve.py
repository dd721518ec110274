"""`overround serve`: collecting, storing, API and page in one process."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated

import typer

from overround.api.app import create_app
from overround.api.security import is_loopback, names_for
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
from overround.config import process_config
from overround.errors import ConfigError, StorageError
from overround.log import configure, get_logger
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
    refuse_open_host(config.host)
    configure()
    with recording_to(record, record_max_mib) as record_to:
        engine = Engine(config, record_to=record_to)
        with engine.data_dir.lock():
            run_async(run_server(engine, schedule=not no_schedule))


def refuse_open_host(host: str) -> None:
    """
    Allow loopback only: there are no API keys yet.

    Raises:
        ConfigError: The address can be reached from other machines.
    """
    if not is_loopback(host):
        raise ConfigError(
            "OVERROUND_HOST",
            f"{host} can be reached from other machines, and this version has no login; "
            "use 127.0.0.1 and put a proxy with a login in front",
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
    app = create_app(engine.services(lambda: list(starting)), allowed_hosts=names_for(host))
    server = make_server(app, host, engine.config.port)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        if await _opened(engine, starting, stopped):
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
