"""
Structured logs: console lines in a terminal, JSON otherwise. Logging never raises into the pipeline.

Secrets are kept out by value: whoever learns one says `hide(secret)`.
"""

import logging
import re
import sys
from collections import deque
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import structlog

HIDDEN = "[hidden]"
SHORTEST_SECRET = 4  # what is shorter occurs in every text
_KEY = re.compile(r"ovr_[A-Za-z0-9_-]{16,}")  # an API key's secret, whoever wrote it down
_secrets: set[str] = set()

LEVELS = ("debug", "info", "warning", "error", "critical")  # ascending
KEPT_LINES = 2000
_kept: deque[tuple[int, Mapping[str, Any]]] = deque(maxlen=KEPT_LINES)


def hide(*secrets: str) -> None:
    """Keep these values out of every line from now on, wherever in it they stand."""
    _secrets.update(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)


def hide_passwords(url: str) -> None:
    """Keep the user's password in an address out of every line, as written and as meant."""
    userinfo = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    password = userinfo.partition(":")[2]
    hide(password, unquote(password))


def hidden(text: str) -> str:
    """
    Return a text without the secrets in it.

    >>> hidden("refused ovr_0123456789abcdef0123")
    'refused [hidden]'
    """
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _KEY.sub(HIDDEN, text)


def _without_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _clean(value) for key, value in line.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return hidden(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_clean(key): _clean(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    shown = repr(value)
    clean = hidden(shown)
    return value if clean == shown else clean


class _Stderr:
    """Whatever stderr is when a line is written; where it is closed or nobody reads it, the line is lost."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def kept_lines() -> Sequence[tuple[int, Mapping[str, Any]]]:
    """Return the newest lines with their numbers, oldest first; empty unless `configure` was told to keep them."""
    return list(_kept)


def _keep(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    _kept.append((_kept[-1][0] + 1 if _kept else 1, dict(line)))
    return line


def _from(level: str) -> Any:
    """Return what leaves out lines below a level."""
    written = LEVELS[LEVELS.index(level) :]

    def drop(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if line["level"] not in written:
            raise structlog.DropEvent
        return line

    return drop


def configure(level: str = "info", json: bool | None = None, keep: bool = False) -> None:
    """
    Set up logging to stderr once per process; `json=None` chooses by whether stderr is a terminal.

    Args:
        keep: Keep the newest lines from info on for `kept_lines`, whatever `level` lets through to stderr.
    """
    lowest = min(level, "info", key=LEVELS.index) if keep else level
    as_json = not sys.stderr.isatty() if json is None else json
    stderr: Any = _Stderr()
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_secrets,
            *((_keep, _from(level)) if keep else ()),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, lowest.upper())),
        logger_factory=structlog.PrintLoggerFactory(stderr),
    )


def get_logger(name: str) -> Any:
    """Return a logger; event names are `noun_verbed` and stand in docs/operations.md."""
    return structlog.get_logger(module=name)
