"""`make new-bookmaker`: what it makes fails with instructions, is clean, and can be filled."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = Path(__file__).parent / "acme"
COPIED = ("src", "scripts", "tests", "docs", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "static", "images", "*.png")

pytestmark = pytest.mark.slow


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository to make bookmakers in."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, its sources before all others."""
    env = {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, *command], cwd=copy, env=env, capture_output=True, text=True, check=False
    )


def make(copy: Path, name: str) -> subprocess.CompletedProcess[str]:
    return run(copy, "scripts/new_bookmaker.py", name)


def run_tests(copy: Path, name: str, *options: str) -> str:
    """Return what pytest says of a bookmaker's tests."""
    plain = ("-p", "no:cacheprovider", "-p", "no:xdist", "-q", "--tb=short", "-rfE")
    return run(copy, "-m", "pytest", *plain, f"tests/bookmakers/{name}", *options).stdout


def files(copy: Path) -> dict[str, str]:
    """Return every file of the copy with a digest of what it holds."""
    return {
        str(path.relative_to(copy)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in copy.rglob("*")
        if path.is_file() and not {".ruff_cache", ".hypothesis"} & set(path.parts)
    }


def test_every_generated_test_fails_with_the_next_step(copy):
    """Each message says the step, the file and what to do there; docs/bookmakers/adding.md has every step."""
    before = files(copy)
    made = make(copy, "acme")
    assert made.returncode == 0, made.stderr
    after = files(copy)
    added = {name for name in after if name not in before}
    assert {name: after[name] for name in before} == before
    assert {name.split("/acme/")[0] for name in added} == {"src/overround/bookmakers", "tests/bookmakers"}
    for place in (
        "registry.py",
        "config.py",
        "HEADER_ORDER",
        "simulators.py",
        "market_types",
        "pyproject.toml",
        "shapes.py",
    ):
        assert place in made.stdout
    said = run_tests(copy, "acme")
    failed = re.findall(r"^FAILED .*$", said, re.MULTILINE)
    assert re.search(r"\d+ failed", said) and not re.search(r"\d+ (passed|errors?)", said), said
    assert [line for line in failed if not re.search(r" Step \d, \S+: \S+", line)] == []
    adding = (copy / "docs" / "bookmakers" / "adding.md").read_text()
    for step in set(re.findall(r"Step (\d),", said)) | set("12345678"):
        assert f"## Step {step}" in adding


@pytest.mark.parametrize("name", ["acme", "zz", "a" * 20])
def test_what_is_generated_is_clean(copy, name):
    """Whatever the name's length and place in the alphabet: formatted, linted."""
    assert make(copy, name).returncode == 0
    folders = (f"src/overround/bookmakers/{name}", f"tests/bookmakers/{name}")
    for command in (["format", "--check"], ["check"]):
        done = run(copy, "-m", "ruff", *command, "--no-cache", *folders)
        assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("node") is None, reason="pyright needs Node")
def test_what_is_generated_has_strict_types(copy):
    """As everything below src has."""
    make(copy, "acme")
    done = run(copy, "-m", "pyright", "--pythonpath", sys.executable, "src/overround/bookmakers/acme")
    assert "0 errors" in done.stdout, done.stdout + done.stderr


def test_a_filled_one_passes(copy):
    """The instructions can be followed: with the example's files only registration and README are left."""
    make(copy, "acme")
    for name in ("wire", "parser", "client", "simulator"):
        shutil.copy(EXAMPLE / f"{name}.py", copy / "src" / "overround" / "bookmakers" / "acme")
    shutil.copy(EXAMPLE / "bodies.py", copy / "tests" / "bookmakers" / "acme")
    football = copy / "src" / "overround" / "domain" / "market_types" / "football.toml"
    theirs = re.compile(r'sportpesa = (\["[^"]+"\]|"[^"]+")')  # Acme writes what SportPesa writes
    football.write_text(theirs.sub(r"sportpesa = \1, acme = \1", football.read_text()))
    said = run_tests(copy, "acme", "--ignore", "tests/bookmakers/acme/test_registration.py")
    assert re.search(r"\d+ passed", said) and "failed" not in said, said


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "is refused"), ("Acme", "is refused"), ("9ja", "is refused"), ("class", "is refused"),
        ("../x", "is refused"), ("a" * 21, "is refused"), ("betpawa", "is taken"), ("http", "is taken"),
    ],
)  # fmt: skip
def test_a_bad_name_is_refused_in_one_sentence(copy, name, says):
    """Nothing is written."""
    before = files(copy)
    done = make(copy, name)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1
    assert files(copy) == before
