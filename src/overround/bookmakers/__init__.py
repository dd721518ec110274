"""Bookmakers: how to ask each one and how to read its answers."""
