"""Logging is no way to break what is logged."""

import io
import sys

import pytest

from overround.config import process_config
from overround.log import configure, get_logger, hide


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


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_no_secret_is_written_wherever_it_stands(monkeypatch, capsys, as_json):
    """In text, in nested values, in a traceback, as written in an address or as meant; and no API key at all."""
    process_config(database_url="postgresql://trader:p%40ss-word@db/odds", data_dir="x", host="127.0.0.1")
    hide("channel-token")
    configure(json=as_json)
    log, key = get_logger("test"), "ovr_" + "A1b2" * 10
    try:
        raise RuntimeError("cannot reach postgresql://trader:p%40ss-word@db/odds")
    except RuntimeError as exc:
        log.error("request_failed", exc_info=exc)
    log.info(
        "key_seen",
        key=f"Bearer {key}",
        inner={"list": ["p@ss-word", ("channel-token",)]},
        error=ValueError("p@ss-word"),
    )
    written = capsys.readouterr().err
    assert "key_seen" in written and "cannot reach" in written
    for secret in ("p%40ss-word", "p@ss-word", "channel-token", key):
        assert secret not in written
