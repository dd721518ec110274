"""Betika: a competitor, Sportradar's feed by market type."""
