"""How every table of benchmarks/ is shown, kept and judged."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

OUT = Path(__file__).parent / "out"


class Figure(msgspec.Struct, frozen=True):
    """One measured value and its bar; a figure without a bar informs only."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    holds: Literal["at most", "at least"] = "at most"

    @property
    def ok(self) -> bool:
        """Return whether the bar is met."""
        if self.bar is None:
            return True
        return self.value <= self.bar if self.holds == "at most" else self.value >= self.bar


def report(name: str, figures: Sequence[Figure]) -> None:
    """Print the table, write benchmarks/out/<name>.json, and end the process with 1 when a figure misses its bar."""
    table = Table(title=name)
    for heading in ("figure", "value", "unit", "bar", ""):
        table.add_column(heading, justify="right" if heading in ("value", "bar") else "left")
    for figure in figures:
        bar = "" if figure.bar is None else f"{figure.holds} {figure.bar:,g}"
        mark = "" if figure.bar is None else "ok" if figure.ok else "MISSED"
        table.add_row(
            figure.name,
            f"{figure.value:,.4g}" if figure.value < 1000 else f"{figure.value:,.0f}",
            figure.unit,
            bar,
            mark,
        )
    Console(width=120).print(table)
    keep(name, figures)
    if not all(figure.ok for figure in figures):
        sys.exit(1)


def keep(name: str, figures: Sequence[Figure]) -> None:
    """Write benchmarks/out/<name>.json."""
    rows = [
        {"name": f.name, "value": f.value, "unit": f.unit, "bar": f.bar, "holds": f.holds, "ok": f.ok}
        for f in figures
    ]
    OUT.mkdir(exist_ok=True)
    (OUT / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode({"figures": rows}), indent=2))
