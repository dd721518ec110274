"""The tree tells the architecture: each bookmaker folder has the same files, tests mirror the source."""

import subprocess
import sys
from pathlib import Path

import pytest

from overround.config import BOOKMAKERS, PARSED_ONLY

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "overround"


PARSING = {"__init__.py", "client.py", "wire.py", "parser.py", "markets.py", "README.md"}


@pytest.mark.parametrize("code", [*BOOKMAKERS, *PARSED_ONLY])
def test_a_bookmaker_folder_is_complete(code):
    """A newcomer reads one and can open any other; who is never asked needs no simulator."""
    files = {path.name for path in (SOURCE / "bookmakers" / code).iterdir()}
    assert files >= PARSING
    assert ("simulator.py" in files) is (code in BOOKMAKERS)
    assert (ROOT / "tests" / "bookmakers" / code / "test_parser.py").is_file()


def test_every_bookmaker_folder_is_registered():
    """A folder that config does not name would never be asked; one that may not be asked says why."""
    folders = {path.parent.name for path in (SOURCE / "bookmakers").glob("*/client.py")}
    assert folders == set(BOOKMAKERS) | set(PARSED_ONLY)
    for code, why in PARSED_ONLY.items():
        assert code not in BOOKMAKERS
        assert (
            why.partition(" is ")[2].partition(",")[0]
            in (SOURCE / "bookmakers" / code / "README.md").read_text()
        )


def test_test_folders_mirror_source_folders():
    """A reader finds a module's tests without searching."""
    packages = {path.parent.relative_to(SOURCE).parts[0] for path in SOURCE.glob("*/*.py")} - {"static"}
    tests = {
        path.parent.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/**/test_*.py")
    }
    contracts = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "contracts").glob("test_*.py")}
    assert packages <= tests | contracts, packages - tests - contracts


def test_nobody_imports_upwards():
    """Who may import whom stands in pyproject.toml; a new folder must be placed before it can be merged."""
    script = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_repository_names_no_machine():
    """No absolute path of a machine, no registry host, no key."""
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    suspicious = ("/wo" + "rk/main", "index" + "-url =", "find" + "-links", '"reso' + 'lved": "http')
    named = [
        (name, word)
        for name in files
        if (ROOT / name).is_file() and not name.startswith("src/overround/static/")
        for word in suspicious
        if word in (ROOT / name).read_text(encoding="utf-8", errors="ignore")
    ]
    allowed = {"Makefile"}  # names the options that leave such addresses out
    assert [hit for hit in named if hit[0] not in allowed] == []
