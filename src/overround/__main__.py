"""Lets `python -m overround` do what the `overround` command does."""

from overround.cli.main import run

run()
