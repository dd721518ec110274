"""Logging is no way to break what is logged."""

import io
import sys

import pytest

from overround.log import configure, get_logger


class Broken(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize("gone", [Broken(), None], ids=["broken", "closed"])
def test_a_lost_stderr_raises_nothing_and_the_next_one_is_written_to(monkeypatch, gone):
    """I12: a terminal that was closed must not end a run."""
    configure(json=True)
    log = get_logger("test")
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", gone or closed)
    log.info("line_lost")
    monkeypatch.setattr(sys, "stderr", there := io.StringIO())
    log.info("line_written")
    assert "line_written" in there.getvalue() and "line_lost" not in there.getvalue()
