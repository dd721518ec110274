"""Structured logs: console lines in a terminal, JSON otherwise. Logging never raises into the pipeline."""

import logging
import sys
from contextlib import suppress
from typing import Any

import structlog


class _Stderr:
    """Whatever stderr is when a line is written; where it is closed or nobody reads it, the line is lost."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def configure(level: str = "info", json: bool | None = None) -> None:
    """Set up logging to stderr once per process; `json=None` chooses by whether stderr is a terminal."""
    as_json = not sys.stderr.isatty() if json is None else json
    stderr: Any = _Stderr()
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(stderr),
    )


def get_logger(name: str) -> Any:
    """Return a logger; event names are `noun_verbed` and stand in docs/operations.md."""
    return structlog.get_logger(module=name)
