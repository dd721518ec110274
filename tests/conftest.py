"""What every test run says at its end: how many tests read captured payloads."""

import pytest
from hypothesis import settings

from tests.support.postgres_fixtures import backend, postgres, postgres_url, set_up_database  # noqa: F401  # offered to every test

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran = [report for report in terminalreporter.getreports("passed") if "payloads" in report.keywords]
    terminalreporter.write_line(f"payload tests run: {len(ran)}")
