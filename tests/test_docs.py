"""Docs are tested too: doctests run; commands, settings and log events each have an entry."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import overround
from overround.config import SETTINGS
from tests.support.cli import app

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(overround.__path__, "overround.")
    if "migrations" not in module.name and not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    """An example that lies is worse than none."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_setting_is_explained():
    """An operator finds the key, its default and its bounds."""
    assert [key for key in SETTINGS if f"`{key}`" not in OPERATIONS] == []


def test_every_command_is_explained():
    """What `overround --help` lists, the docs describe."""
    commands = [
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    ]
    for group in app.registered_groups:
        inner = group.typer_instance.registered_commands if group.typer_instance else []
        commands += [
            f"{group.name} {command.name or command.callback.__name__}"
            for command in inner
            if command.callback
        ]
    assert commands
    assert [name for name in commands if f"`overround {name.replace('_', '-')}" not in OPERATIONS] == []


def test_every_log_event_is_explained():
    """Event names are constants of the product."""
    logged = set[str]()
    for path in (ROOT / "src").rglob("*.py"):
        logged |= set(
            re.findall(r"\blog\.(?:debug|info|warning|error|exception)\(\s*\"([^\"]+)\"", path.read_text())
        )
    assert logged
    assert sorted(name for name in logged if f"`{name}`" not in OPERATIONS) == []
    assert [name for name in logged if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []


def test_every_decision_has_its_form():
    """A page each: status, context, decision, consequences, alternatives, how it is checked."""
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        text = page.read_text()
        assert "Status:" in text and "Date:" in text, page.name
        for heading in (
            "## Context",
            "## Decision",
            "## Consequences",
            "## Alternatives",
            "## How it is checked",
        ):
            assert heading in text, (page.name, heading)


def test_relative_links_lead_somewhere():
    """A broken link in the README is the first thing a newcomer meets."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
