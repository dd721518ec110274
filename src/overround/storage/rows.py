"""
What accepted batches become in the database: rows per table, and the statements that both databases understand.

Parameters are question marks in SQLite's way; times are whole milliseconds.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from overround.storage.records import DeadRow, ListingPiece, Piece, RunPiece, WriteBatch
from overround.storage.times import to_ms
from overround.storage.write_handler import Written

RUNS_WITH_EVENTS = 100  # newest runs whose outcomes per event are kept

Row = tuple[Any, ...]  # one statement's parameters, in the order of its question marks

COMPETITION = """
INSERT INTO competition (id, sport, country, name) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET country = excluded.country, name = excluded.name
"""
EVENT = """
INSERT INTO event (sportradar_id, home, away, kickoff_at, competition_id, sport, source, "check")
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sportradar_id) DO UPDATE SET
    home = excluded.home, away = excluded.away, kickoff_at = excluded.kickoff_at,
    competition_id = excluded.competition_id, sport = excluded.sport,
    source = excluded.source, "check" = excluded."check"
"""
LISTING = """
INSERT INTO listing (id, sportradar_id, bookmaker, event_id, state, url, genius_id, kickoff_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    event_id = excluded.event_id, state = excluded.state, url = excluded.url,
    genius_id = excluded.genius_id, kickoff_at = excluded.kickoff_at
"""
# Only the number may be there already: a key with another number would make every row of it mean something else.
MARKET_KEY = """
INSERT INTO market_key (id, sport, market_id, line) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
"""
OUTCOME_SET = "INSERT INTO outcome_set (id, names) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
CHANGED = "UPDATE listing SET last_changed_at = ? WHERE id = ?"
RUN = """
INSERT INTO scrape_run (
    run_id, trigger, status, started_at, finished_at, heartbeat_at,
    total, ok, unchanged, failed, late, changes, matched, phases_ms, reason, duration_ms
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id) DO UPDATE SET
    status = excluded.status, finished_at = excluded.finished_at, heartbeat_at = excluded.heartbeat_at,
    total = excluded.total, ok = excluded.ok, unchanged = excluded.unchanged, failed = excluded.failed,
    late = excluded.late, changes = excluded.changes, matched = excluded.matched,
    phases_ms = excluded.phases_ms, reason = excluded.reason, duration_ms = excluded.duration_ms
WHERE scrape_run.status IN ('pending', 'running')
"""
RUN_BOOKMAKER = """
INSERT INTO scrape_run_bookmaker (
    run_id, position, bookmaker, discovered, ok, failed, late, unmapped, unidentified, p50_ms, p95_ms, status,
    total
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
RUN_PHASE = """
INSERT INTO scrape_run_phase (run_id, position, bookmaker, phase, "current", total, ms, errors)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
RUN_ERROR = """
INSERT INTO scrape_run_error (run_id, position, bookmaker, kind, count, sample) VALUES (?, ?, ?, ?, ?, ?)
"""
RUN_EVENT = """
INSERT INTO scrape_run_event (run_id, sportradar_id, bookmaker, status, kind, detail) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
# A run's id begins with its time, so older runs have smaller ids.
FORGET_RUN_EVENTS = """
DELETE FROM scrape_run_event WHERE run_id < (
    SELECT run_id FROM scrape_run ORDER BY started_at DESC, run_id DESC LIMIT 1 OFFSET ?
)
"""
BATCH = "INSERT INTO write_batch (change_id, run_id, at) VALUES (?, ?, ?)"
WATERMARK = """
INSERT INTO write_watermark (spool_id, seq) VALUES (?, ?)
ON CONFLICT (spool_id) DO UPDATE SET seq = excluded.seq
"""
DEAD = """
INSERT INTO dead_letter (
    change_id, run_id, accepted_at, buried_at, kind, sportradar_id, bookmaker, market, reason, piece, state
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')
"""
WAITING = "SELECT change_id, run_id, accepted_at, piece FROM dead_letter WHERE id = ? AND state = 'waiting'"
REVIVED = "UPDATE dead_letter SET state = 'replayed', settled_at = ? WHERE id = ?"
PROBE = "INSERT INTO write_watermark (spool_id, seq) VALUES ('probe', 0)"


class Rows(msgspec.Struct):
    """The rows of some batches, per table, in the order in which they were accepted."""

    competitions: dict[str, Row] = {}
    events: dict[str, Row] = {}  # by sportradar id: the last header wins
    listings: dict[int, Row] = {}
    market_keys: list[Row] = []
    outcome_sets: list[Row] = []
    changed: dict[int, Row] = {}
    runs: list[tuple[RunPiece, int]] = []  # the run's state, when it was accepted
    batches: list[Row] = []

    def add(self, batch: WriteBatch, pieces: Iterable[Piece]) -> Written:
        """Add a batch's rows and return what it amounts to."""
        inserted, events = 0, set[str]()
        for piece in pieces:
            if isinstance(piece, RunPiece):
                self.runs.append((piece, to_ms(batch.at)))
            else:
                events.add(piece.sportradar_id)
                self._add_event(piece)
                self._add_markets(piece, batch.change_id)
                inserted += len(piece.market_keys)
        self.batches.append((batch.change_id, batch.run_id, to_ms(batch.at)))
        return Written(batch.change_id, len(events), inserted)

    def _add_event(self, piece: ListingPiece) -> None:
        if header := piece.header:
            competition = (header.competition_id, header.sport, header.country, header.competition)
            self.competitions[header.competition_id] = competition
            self.events[piece.sportradar_id] = (
                piece.sportradar_id, header.home, header.away, header.kickoff_at,
                header.competition_id, header.sport, header.source, header.check,
            )  # fmt: skip
        if listing := piece.listing:
            self.listings[piece.listing_id] = (
                piece.listing_id, piece.sportradar_id, piece.bookmaker, listing.event_id,
                listing.state, listing.url, listing.genius_id, listing.kickoff_at,
            )  # fmt: skip

    def _add_markets(self, piece: ListingPiece, change_id: int) -> None:
        self.market_keys += piece.new_market_keys
        self.outcome_sets += [
            (number, msgspec.json.encode(names).decode()) for number, names in piece.new_outcome_sets
        ]
        if piece.market_keys:
            self.changed[piece.listing_id] = (piece.at, piece.listing_id)
            self.add_prices(piece, change_id)

    def add_prices(self, piece: ListingPiece, change_id: int) -> None:
        """Add a piece's prices, in the form in which the database takes them."""
        raise NotImplementedError


def run_values(piece: RunPiece, accepted_at: int) -> Row:
    """Return the parameters of `RUN`."""
    report = piece.report
    finished_at = None if report.finished_at is None else to_ms(report.finished_at)
    heartbeat_at = accepted_at if report.heartbeat_at is None else to_ms(report.heartbeat_at)
    phases = msgspec.json.encode(report.phases_ms).decode()
    return (
        report.run_id, report.trigger, report.status, to_ms(report.started_at), finished_at, heartbeat_at,
        *msgspec.structs.astuple(report.events), report.changes, report.matched, phases, report.reason,
        report.duration_ms,
    )  # fmt: skip


def run_children(piece: RunPiece) -> list[tuple[str, str, list[Row]]]:
    """Return per table of a run's parts its name, the statement that fills it, and that one's parameters."""
    report = piece.report
    return [
        (
            table,
            statement,
            [
                (report.run_id, position, *msgspec.structs.astuple(part))
                for position, part in enumerate(parts)
            ],
        )
        for table, statement, parts in (
            ("scrape_run_bookmaker", RUN_BOOKMAKER, report.bookmakers),
            ("scrape_run_phase", RUN_PHASE, report.phases),
            ("scrape_run_error", RUN_ERROR, report.errors),
        )
    ]


def run_outcomes(piece: RunPiece) -> list[Row]:
    """Return the parameters of `RUN_EVENT`."""
    return [(piece.report.run_id, *msgspec.structs.astuple(outcome)) for outcome in piece.outcomes]


def dead_values(row: DeadRow) -> Row:
    """Return the parameters of `DEAD`."""
    return (
        row.change_id, row.run_id, to_ms(row.accepted_at), to_ms(row.buried_at), row.kind, row.sportradar_id,
        row.bookmaker, row.market, row.reason, row.piece,
    )  # fmt: skip
