"""The command line with all its commands, as tests invoke it."""

from overround.cli.main import command_line

app = command_line()
