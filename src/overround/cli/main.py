"""The `overround` command: finds the subcommand that is asked for and turns errors into exit codes."""

import sys
from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer

from overround import __version__
from overround.errors import ConfigError, DatabaseInUse, DataDirInUse, OverroundError

EXIT_FAILED, EXIT_USAGE, EXIT_IN_USE = 1, 2, 3

# Each command and the module of this package that has it: only what is asked for is imported, for `watch` starts in
# a fraction of the time that `serve` needs.
COMMANDS = {
    "demo": "demo",
    "serve": "serve",
    "scrape": "scrape",
    "replay": "replay",
    "simulate": "simulate",
    "parse": "parse",
    "coverage": "coverage",
    "margins": "margins",
    "canary": "canary",
    "watch": "watch",
    "top": "top",
    "verify": "verify",
    "backup": "backup",
    "restore": "backup",
    "gaps": "analysis",
    "exposure": "analysis",
    "movements": "analysis",
    "alerts": "alerts",
}
GROUPS = {"catalogue": "catalogue", "db": "db", "dead-letters": "dead_letters", "keys": "keys"}


def command_line(asked: str = "") -> typer.Typer:
    """Return the command line with the command that is asked for alone, or else with all."""
    wanted = [asked] if asked in COMMANDS or asked in GROUPS else [*COMMANDS, *GROUPS]
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(main)
    for name in wanted:
        if name in GROUPS:
            app.add_typer(_module(GROUPS[name]).app, name=name)
        else:
            app.command(name)(getattr(_module(COMMANDS[name]), name))
    return app


def _module(name: str) -> ModuleType:
    return import_module(f"overround.cli.{name}")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"overround {__version__}")
        raise typer.Exit


def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Overround: the odds of other bookmakers beside your own, live."""


def run() -> None:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    try:
        command_line(*sys.argv[1:2])()
    except (DataDirInUse, DatabaseInUse) as exc:
        sys.exit(_said(exc, EXIT_IN_USE))
    except ConfigError as exc:
        sys.exit(_said(exc, EXIT_USAGE))
    except OverroundError as exc:
        sys.exit(_said(exc, EXIT_FAILED))


def _said(error: OverroundError, code: int) -> int:
    print(f"overround: {error}", file=sys.stderr)
    return code
