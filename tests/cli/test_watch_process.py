"""`overround watch` as scripts run it: JSON lines, an end without a traceback."""

import asyncio
import json
import signal
from asyncio.subprocess import PIPE

import pytest

from tests.api.conftest import running
from tests.support.api import World, three_way
from tests.support.processes import COMMAND, PATIENCE_S, environment

pytestmark = pytest.mark.slow


def hear_ctrl_c() -> None:
    """Undo what a shell does to what it starts in the background: such a process never hears a Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
async def watching(tmp_path):
    """A server that offers a match, and `watch --json` that has printed what is held."""
    world = World()
    world.offer("1", "betpawa", [three_way()])
    async with running(world, tmp_path / "static") as server:
        options = ["watch", "--json", "--initial", "--url", f"http://127.0.0.1:{server.port}"]
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *options, env=environment(tmp_path, {}), stdout=PIPE, stderr=PIPE,
            preexec_fn=hear_ctrl_c,
        )  # fmt: skip
        assert json.loads(await process.stdout.readline())["after"]["bookmaker"] == "betpawa"
        yield world, process
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_ctrl_c_ends_it_with_whole_lines(watching):
    """Every line is one JSON object, nothing is said, the exit code is 0."""
    world, process = watching
    for home in (2.5, 2.6):
        world.offer("1", "betpawa", [three_way(home)])
        change = json.loads(await process.stdout.readline())
        assert change["after"]["outcomes"][0] == {"name": "1", "odds": home, "state": "open"}
    process.send_signal(signal.SIGINT)
    assert [await asyncio.wait_for(process.stdout.read(), PATIENCE_S), await process.stderr.read()] == [
        b"",
        b"",
    ]
    assert await process.wait() == 0


async def test_a_reader_that_leaves_ends_it_silently(watching):
    """As `| head -1` does."""
    world, process = watching
    process._transport.get_pipe_transport(1).close()
    world.offer("1", "betpawa", [three_way(2.5)])
    assert await asyncio.wait_for(process.stderr.read(), PATIENCE_S) == b""
    assert await process.wait() == 0
