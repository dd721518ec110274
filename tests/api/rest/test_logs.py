"""/api/logs: what the process said lately."""

import pytest

from overround import log as logging
from overround.log import configure, get_logger


@pytest.fixture
def log(monkeypatch, capsys):
    """A log that is kept, and empty."""
    logging._kept.clear()
    configure("error", json=True, keep=True)
    yield get_logger("test")
    configure("error")
    logging._kept.clear()


async def test_lines_are_kept_whatever_goes_to_stderr(log, served, capsys):
    """An operator sees what happened where the terminal is told of errors only; no secret among it."""
    log.debug("detail_seen")
    log.info("run_finished", run_id="r1", counts={"ok": (1, 2)}, error=ValueError("no"))
    log.warning("key_refused", key="ovr_" + "A1b2" * 10)
    log.error("request_failed")
    body = await served.get("/api/logs")
    assert [line["event"] for line in body["lines"]] == ["run_finished", "key_refused", "request_failed"]
    first, second, _ = body["lines"]
    assert (first["level"], first["module"]) == ("info", "test")
    assert first["fields"] == {"run_id": "r1", "counts": {"ok": [1, 2]}, "error": "no"}
    assert second["fields"] == {"key": "[hidden]"}
    assert [line["event"] for line in (await served.get("/api/logs?level=warning&limit=1"))["lines"]] == [
        "request_failed"
    ]
    written = capsys.readouterr().err
    assert "request_failed" in written and "run_finished" not in written


async def test_lines_are_chosen_by_time(log, served):
    """A run's lines are those from its start to its end."""
    for name in ("one_done", "two_done", "three_done"):
        log.info(name)
    times = [line["at"] for line in (await served.get("/api/logs"))["lines"]]
    lines = [line for _, line in logging.kept_lines()]
    found = await served.get("/api/logs", params={"from": lines[1]["timestamp"]})
    assert ([line["event"] for line in found["lines"]], found["total"]) == (["two_done", "three_done"], 2)
    found = await served.get("/api/logs", params={"to": lines[1]["timestamp"]})
    assert [(line["event"], line["at"]) for line in found["lines"]] == [("one_done", times[0])]
    assert "zone" in (await served.get("/api/logs?from=2026-11-24T12:00:00", status=422))["detail"]


def test_only_the_newest_lines_are_kept(log):
    """Numbers go on, so that a reader sees where lines are missing."""
    for _ in range(logging.KEPT_LINES + 3):
        log.info("line_written")
    numbers = [number for number, _ in logging.kept_lines()]
    assert (len(numbers), numbers[0], numbers[-1]) == (
        logging.KEPT_LINES, 4, logging.KEPT_LINES + 3,
    )  # fmt: skip
