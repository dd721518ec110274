"""Bet9ja, Nigeria: requests, wire format, parser, market tables and a local stand-in for the site."""
