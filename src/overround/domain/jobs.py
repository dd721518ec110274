"""What happens by itself, as an operator sees it."""

from datetime import datetime

import msgspec

SCRAPE = "scrape"  # the job whose next time people want to see


class JobState(msgspec.Struct, frozen=True):
    """One interval job of this process."""

    name: str
    interval_s: float
    pausable: bool
    running: bool
    next_run_at: datetime | None  # None while it waits for `resume`, or before the scheduler starts
    last_started_at: datetime | None
    last_finished_at: datetime | None
    runs: int  # that came to their end
    failures: int
    missed: int  # times that passed without a run
    last_error: str  # of the newest failure, "" when there was none
