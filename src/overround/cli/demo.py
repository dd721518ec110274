"""`overround demo`: the whole product on simulated bookmakers, with one command."""

import asyncio
import json
import os
import subprocess
import sys
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from platformdirs import user_data_path
from rich.console import Console

from overround.cli.loop import run_async
from overround.cli.options import DataDirOption, PortOption
from overround.cli.progress import RunBar
from overround.cli.serve import run_server
from overround.config import ProcessConfig, bookmaker_list, process_config
from overround.errors import ConfigError
from overround.log import configure
from overround.simulator.profiles import MAIN_BOOKMAKERS
from overround.wiring import Engine

INTERVAL_MINUTES = 1  # a demo should move; the product's default is 5
LATENCY = 0.3  # of that of the real sites: nobody wants to wait for a demo
MOVES, MARKET_MOVES = 1.0, 0.02  # share of matches and of single markets that move per minute


def demo(
    data_dir: DataDirOption = None,
    port: PortOption = 8000,
    events: Annotated[int, typer.Option(min=1, max=2000, help="Matches in the simulated world.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed shows the same world.")] = 1,
    bookmakers: Annotated[str, typer.Option(help="Comma list of those to simulate.")] = ",".join(
        MAIN_BOOKMAKERS
    ),
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
) -> None:
    """Start simulated bookmakers, collect their odds and show the page; Ctrl-C ends everything."""
    configure("error", keep=True)
    folder = data_dir or default_data_dir()
    chosen = ",".join(bookmaker_list("--bookmakers", bookmakers.split(",")))
    with _simulator(events, seed, chosen) as base_urls:
        urls = {f"{code}_base_url": url for code, url in base_urls.items()}
        config = process_config(
            data_dir=folder, host="127.0.0.1", port=port, world="simulated", bookmakers=chosen,
            database_url="", **urls,
        )  # fmt: skip
        engine = Engine(config)
        with engine.data_dir.lock():
            run_async(_demo(engine, config, open_page=not no_browser))


def default_data_dir() -> Path:
    """Return the demo's own folder: simulated and live data never share one."""
    return user_data_path("overround") / "demo"


@contextmanager
def _simulator(events: int, seed: int, bookmakers: str) -> Generator[dict[str, str]]:
    """Run the simulator beside us; it ends with us, however we end."""
    options = ["--events", str(events), "--seed", str(seed), "--moves", str(MOVES), "--latency", str(LATENCY)]
    options += ["--market-moves", str(MARKET_MOVES), "--bookmakers", bookmakers, "--with-parent"]
    process = subprocess.Popen(
        [sys.executable, "-m", "overround", "simulate", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield _ready_line(process.stdout)
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _ready_line(stdout: IO[bytes]) -> dict[str, str]:
    line = stdout.readline()
    if not line:
        raise ConfigError("simulate", "the simulated bookmakers did not start; its message is above")
    return json.loads(line)["base_urls"]


async def _demo(engine: Engine, config: ProcessConfig, open_page: bool) -> None:
    console = Console(stderr=True)
    engine.settings.apply({"scrape_interval_minutes": INTERVAL_MINUTES})
    async with RunBar(engine.bus) as bar:
        showing = asyncio.create_task(bar.show())

        async def ready(address: str) -> None:
            console.print(
                f"Overround on simulated bookmakers: [bold]{address}[/]  (Ctrl-C ends it; data in {config.data_dir})",
                soft_wrap=True,
            )
            if open_page and _has_screen():
                await asyncio.to_thread(webbrowser.open, address)

        try:
            await run_server(engine, schedule=True, on_ready=ready)
        finally:
            showing.cancel()
    console.print("Stopped; the stored history is used again at the next start.")


def _has_screen() -> bool:
    """Return whether a browser window can open: a text browser must not take over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
