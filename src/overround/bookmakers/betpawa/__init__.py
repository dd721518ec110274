"""BetPawa, the reference: its requests, its JSON, its markets, its server."""
