"""Betway: a competitor, Sportradar's feed in pages."""
