"""What a scrape run did and does: reports, progress and source health, as stored, pushed and answered."""

from datetime import datetime
from typing import Literal

import msgspec

RunStatus = Literal["pending", "running", "completed", "partial", "failed", "connection_failed"]
Trigger = Literal["scheduled", "manual", "retry"]
SourceState = Literal["up", "lagging", "refused", "down", "recovering", "off"]
Phase = Literal[
    "discover", "wait", "fetch", "inflate", "decode", "map", "settle", "diff",
    "accept", "cache", "publish", "enqueue", "write", "drain",
]  # fmt: skip
PHASES: tuple[Phase, ...] = Phase.__args__  # type: ignore[attr-defined]  # Literal's arguments, in path order


class EventCounts(msgspec.Struct):
    """Fetches of (event, bookmaker) by how they ended."""

    total: int = 0
    ok: int = 0  # succeeded, unchanged ones included
    unchanged: int = 0
    failed: int = 0
    late: int = 0  # dropped: a later answer had already spoken


class BookmakerReport(msgspec.Struct):
    """One bookmaker's part of a run."""

    bookmaker: str
    discovered: int = 0
    ok: int = 0
    failed: int = 0
    late: int = 0
    unmapped: int = 0  # market types seen that could not be mapped
    unidentified: int = 0  # list rows without a usable id
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    status: Literal["ok", "partial", "failed", "unreachable"] = "ok"
    total: int = 0  # events to fetch


class PhaseProgress(msgspec.Struct):
    """How far a run is, or was, in one phase at one bookmaker."""

    bookmaker: str
    phase: Phase
    current: int = 0  # lists: rows; later phases: events
    total: int = 0
    ms: float = 0.0  # added up over events, which go through it side by side
    errors: int = 0


class EventOutcome(msgspec.Struct, frozen=True, gc=False):
    """How the fetch of one event at one bookmaker ended, where it brought no prices."""

    sportradar_id: str
    bookmaker: str
    status: Literal["failed", "late"]
    kind: str = ""  # of the error
    detail: str = ""


class RunError(msgspec.Struct):
    """Errors of one kind at one bookmaker, with one sample."""

    bookmaker: str
    kind: str
    count: int
    sample: str


class RunReport(msgspec.Struct):
    """What one scrape run did: logged once, pushed on topic `scrape_progress`, stored, answered by REST."""

    run_id: str
    trigger: Trigger
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    events: EventCounts = msgspec.field(default_factory=EventCounts)
    changes: int = 0  # markets that changed
    matched: int = 0  # events listed by two bookmakers or more
    bookmakers: list[BookmakerReport] = []
    phases_ms: dict[str, float] = {}
    errors: list[RunError] = []
    reason: str = ""  # why it failed, for people
    heartbeat_at: datetime | None = None  # when it last made progress
    duration_ms: float = 0.0  # from start to end, whatever the wall clock did meanwhile
    phases: list[PhaseProgress] = []


class RunPoint(msgspec.Struct, frozen=True, gc=False):
    """A run that ended, as a point of a chart."""

    run_id: str
    started_at: datetime
    status: RunStatus
    duration_ms: float
    changes: int
    ok: int
    failed: int


def run_point(report: RunReport) -> RunPoint:
    """Return a run's point."""
    return RunPoint(
        report.run_id, report.started_at, report.status, report.duration_ms,
        report.changes, report.events.ok, report.events.failed,
    )  # fmt: skip


class RunProgress(msgspec.Struct, frozen=True, gc=False):
    """Where a run stands at one bookmaker; `bookmaker` is "" for the run as a whole."""

    run_id: str
    phase: str
    bookmaker: str
    current: int
    total: int
    ms: float = 0.0
    in_flight: int = 0
    rate_per_s: float = 0.0
    eta_s: float | None = None
    errors: int = 0


class RunFinished(msgspec.Struct, frozen=True):
    """A run reached its end."""

    report: RunReport


class SourceHealth(msgspec.Struct, frozen=True, gc=False):
    """Whether a bookmaker answers, apart from what its markets say."""

    bookmaker: str
    state: SourceState
    reason: str
    since: datetime
