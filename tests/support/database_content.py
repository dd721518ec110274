"""What a database says, without the numbers that only mean something inside it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

QUERIES = {
    "events": "SELECT * FROM event",
    "competitions": "SELECT * FROM competition",
    "listings": "SELECT sportradar_id, bookmaker, event_id, state, url, genius_id, kickoff_at, "
    "last_confirmed_at, last_changed_at FROM listing",
    "current": "SELECT l.sportradar_id, l.bookmaker, k.sport, k.market_id, k.line, o.names, c.odds, c.suspended, "
    "c.changed_at, c.first_seen_at, c.withdrawn_at, c.suspect FROM odds_current c "
    "JOIN listing l ON l.id = c.listing_id JOIN market_key k ON k.id = c.market_key_id "
    "JOIN outcome_set o ON o.id = c.outcome_set_id",
    "history": "SELECT l.sportradar_id, l.bookmaker, k.market_id, k.line, "
    "row_number() OVER (PARTITION BY h.listing_id, h.market_key_id ORDER BY h.change_id), h.at, o.names, h.odds, "
    "h.suspended, h.withdrawn, h.suspect FROM odds_history h JOIN listing l ON l.id = h.listing_id "
    "JOIN market_key k ON k.id = h.market_key_id JOIN outcome_set o ON o.id = h.outcome_set_id",
    "runs": "SELECT * FROM scrape_run",
    "run bookmakers": "SELECT * FROM scrape_run_bookmaker",
    "run phases": "SELECT * FROM scrape_run_phase",
    "run events": "SELECT * FROM scrape_run_event",
}


def content(data_dir: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table about prices and runs, sorted."""
    with closing(sqlite3.connect(data_dir / "overround.db")) as db:
        return {name: sorted(db.execute(query), key=repr) for name, query in QUERIES.items()}
