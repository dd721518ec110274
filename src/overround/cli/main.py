"""The `overround` command: registers every subcommand and turns errors into exit codes."""

import sys
from typing import Annotated

import typer

from overround import __version__
from overround.cli import catalogue, db, dead_letters, keys
from overround.cli.alerts import alerts
from overround.cli.analysis import exposure, gaps, movements
from overround.cli.backup import backup, restore
from overround.cli.canary import canary
from overround.cli.coverage import coverage
from overround.cli.demo import demo
from overround.cli.margins import margins
from overround.cli.parse import parse
from overround.cli.replay import replay
from overround.cli.scrape import scrape
from overround.cli.serve import serve
from overround.cli.simulate import simulate
from overround.cli.top import top
from overround.cli.verify import verify
from overround.cli.watch import watch
from overround.errors import ConfigError, DatabaseInUse, DataDirInUse, OverroundError

EXIT_FAILED, EXIT_USAGE, EXIT_IN_USE = 1, 2, 3

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (
    demo,
    serve,
    scrape,
    replay,
    simulate,
    parse,
    coverage,
    margins,
    canary,
    watch,
    top,
    verify,
    backup,
    restore,
    gaps,
    exposure,
    movements,
    alerts,
):
    app.command()(command)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(db.app, name="db")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(keys.app, name="keys")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"overround {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Overround: the odds of other bookmakers beside your own, live."""


def run() -> None:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    try:
        app()
    except (DataDirInUse, DatabaseInUse) as exc:
        sys.exit(_said(exc, EXIT_IN_USE))
    except ConfigError as exc:
        sys.exit(_said(exc, EXIT_USAGE))
    except OverroundError as exc:
        sys.exit(_said(exc, EXIT_FAILED))


def _said(error: OverroundError, code: int) -> int:
    print(f"overround: {error}", file=sys.stderr)
    return code
