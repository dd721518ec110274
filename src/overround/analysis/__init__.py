"""Answers for a bookmaker's desk, read from cache and history: comparison, exposure, movements."""
