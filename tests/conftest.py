"""What every test run says at its end: how many tests read captured payloads."""

import signal
from collections.abc import Generator

import pytest
import structlog
from hypothesis import settings

from tests.support.postgres_fixtures import backend, postgres, postgres_url, set_up_database  # noqa: F401  # offered to every test

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Generator[None]:
    """A command under test sets logging up for the process; the next test must not inherit its level."""
    yield
    structlog.reset_defaults()


HUNG_AFTER_S = 120.0  # the longest test takes a quarter of it


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Turn a test that hangs, set-up and tear-down included, into a failure that shows where."""

    def say(*_: object) -> None:
        raise TimeoutError(f"{item.nodeid} hangs")

    patience = item.get_closest_marker("patience")
    before = signal.signal(signal.SIGALRM, say)
    signal.setitimer(signal.ITIMER_REAL, patience.args[0] if patience else HUNG_AFTER_S)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran = [report for report in terminalreporter.getreports("passed") if "payloads" in report.keywords]
    terminalreporter.write_line(f"payload tests run: {len(ran)}")
