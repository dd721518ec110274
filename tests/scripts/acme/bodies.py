"""Made-up Acme answers in the real shape: small, and never a copy of a captured one."""

EXAMPLE = (
    b'{"id":"a1","sr":"4711","start":1790000000,"home":"Reds","away":"Blues","sport":"football","bets":['
    b'{"id":"10","outcomes":[{"name":"1","odds":"2.10"},{"name":"X","odds":3.3},{"name":"2","odds":"3.60"}]},'
    b'{"id":"52","line":"2.5","outcomes":[{"name":"OV","odds":1.9},{"name":"UN","odds":"1.80"}]}]}'
)


def example() -> bytes:
    """Return the event detail that the tests read."""
    return EXAMPLE
