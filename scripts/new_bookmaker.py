"""
Make the folder of a new bookmaker and its tests, which fail with instructions until it is filled.

`make new-bookmaker NAME=acme`, or `python scripts/new_bookmaker.py acme`. docs/bookmakers/adding.md walks
through the steps. Nothing that exists is changed.
"""

import argparse
import keyword
import re
import subprocess
import sys
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[1]
TEMPLATES = Path(__file__).parent / "new_bookmaker"
IN_ORDER = "{markets,parser,client,simulator,registration}"  # of the steps; the shell spells it out
NAME = re.compile(r"[a-z][a-z0-9]{1,19}", re.ASCII)

REGISTRATION = """
Written by hand, when its tests ask for it (docs/bookmakers/adding.md, step 1 and steps 6 to 8):
  src/overround/domain/market_types/*.toml    a column of {code} in `ids` and in the outcomes
  src/overround/bookmakers/registry.py        from overround.bookmakers.{code}.client import {Name}
                                              "{code}": {Name},
  src/overround/config.py                     BOOKMAKER_NAMES, {code}_base_url, {code}_country, and
                                              concurrency and delay in _specs
  src/overround/domain/events.py              "{code}" in HEADER_ORDER
  src/overround/simulator/simulators.py       "{code}": {code}.create,
  src/overround/simulator/profiles.py         "{code}": Profile(...),
  pyproject.toml                              overround.bookmakers.{code} and its simulator, in the import contracts
  tests/support/shapes.py                     "{code}": {Name}(), where its JSON says what
  src/overround/scraping/expectations         python -m scripts.canary_expectations {code}
  docs/operations.md                          {code}_concurrency and {code}_delay_ms
"""


class Refused(Exception):
    """No bookmaker can be made of this; one sentence says why."""


def check(code: str, root: Path) -> None:
    """
    Say no to a name that can't be a bookmaker's code.

    Raises:
        Refused: Bad characters, a word of Python, or a name that is taken.
    """
    if not NAME.fullmatch(code) or keyword.iskeyword(code):
        raise Refused(
            f"NAME={code!r} is refused: 2 to 20 small letters and digits, a letter first, as in acme"
        )
    bookmakers = root / "src" / "overround" / "bookmakers"
    for taken in (bookmakers / code, bookmakers / f"{code}.py", root / "tests" / "bookmakers" / code):
        if taken.exists():
            raise Refused(f"NAME={code} is taken: {taken.relative_to(root)} exists")


def create(code: str, root: Path = ROOT) -> list[Path]:
    """
    Write folder and tests below `root`; return the files, in the order of writing.

    Raises:
        Refused: As `check`; then nothing is written.
    """
    check(code, root)
    names = {"code": code, "CODE": code.upper(), "Name": code.capitalize()}
    folders = {
        "source": root / "src" / "overround" / "bookmakers" / code,
        "tests": root / "tests" / "bookmakers" / code,
    }
    written: list[Path] = []
    for kind, folder in folders.items():
        folder.mkdir(parents=True)
        for template in sorted((TEMPLATES / kind).glob("*.txt")):
            file = folder / template.name.removesuffix(".txt")
            file.write_text(
                Template(template.read_text(encoding="utf-8")).substitute(names), encoding="utf-8"
            )
            written.append(file)
    _tidy(written)
    return written


def _tidy(files: list[Path]) -> None:
    """Sort imports and wrap lines, which depend on the name."""
    names = [str(file) for file in files if file.suffix == ".py"]
    for command in (["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *names], cwd=ROOT, check=True)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip())
    parser.add_argument("name", nargs="?", default="", help="its code: small letters and digits")
    code = parser.parse_args().name
    try:
        written = create(code)
    except Refused as exc:
        print(f"new-bookmaker: {exc}", file=sys.stderr)
        return 2
    for file in written:
        print(file.relative_to(ROOT))
    print(REGISTRATION.format(code=code, Name=code.capitalize()), end="")
    print(f"Now: .venv/bin/pytest -x tests/bookmakers/{code}/test_{IN_ORDER}.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())
