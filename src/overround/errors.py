"""
Every error the product raises on purpose, with the fields a handler needs.

OverroundError
├── BookmakerError            .bookmaker .operation .detail   that event is skipped, the run goes on
│   ├── BookmakerUnavailable  timeout, refused connection, 5xx   .answered; retried with jitter, then the breaker opens
│   ├── RateLimited           429, .retry_after_s                retried after that long
│   ├── BookmakerRefused      403, HTML instead of data, redirect  not retried, the source is `refused`
│   ├── EventGone             404 or 'not found'                 not retried, counted as one miss
│   └── PayloadChanged        200 in another shape               not retried, counted, coverage alarm
├── StorageError              .batch_id                          retried, then waits in the spool; never dropped
│   ├── DatabaseUnavailable   connection, lock, timeout          retried with growing pauses for as long as it lasts
│   ├── DatabaseRefuses       no table, read-only, disk full …   the writer pauses with the reason, tries again slowly
│   ├── SpoolDamaged          a waiting batch can't be read back  the same
│   ├── RowRefused            a value it can't hold              found by bisection, goes to the dead letters
│   └── SequenceBroken        a batch is missing                 the writer stops, a person decides
│       └── DatabaseTaken     another process writes to it       the same
├── MarketIncomplete          a market's prices cannot be totalled
├── CatalogueError            .market                            the process does not start
├── ConfigError               .setting                           the process does not start (exit 2)
├── DataDirInUse              .holder                            the process does not start (exit 3)
├── DatabaseInUse             .holder                            the process does not start (exit 3)
├── RunActive                 .run_id                            a run is on: 409 with its id
├── CleanupActive             one is on already                  409
├── FeedUnreachable           .url                               the Python client finds no server
├── FeedRefused               .code                              the server won't serve it; trying again is no use
└── UnknownEvent              .sportradar_id                     404
"""


class OverroundError(Exception):
    """Root of the tree; catch it only at a process's edge."""


def one_line(text: str, limit: int = 300) -> str:
    """
    Return text that others wrote, fit for a message: one line, printable, not longer than `limit`.

    >>> one_line("a\\nb\\x1b[2J", limit=4)
    'a b '
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * limit]).split())[:limit]


class BookmakerError(OverroundError):
    """A bookmaker did not give a usable answer to one operation; `detail` may quote it, so it is kept short."""

    kind = "error"
    answered = True  # whether the bookmaker said anything at all

    def __init__(self, bookmaker: str, operation: str, detail: str) -> None:
        detail = one_line(detail)
        super().__init__(f"{bookmaker} {operation}: {detail}")
        self.bookmaker, self.operation, self.detail = bookmaker, operation, detail


class BookmakerUnavailable(BookmakerError):
    """Timeout, reset, refused connection or 5xx: worth another try."""

    kind = "unavailable"

    def __init__(self, bookmaker: str, operation: str, detail: str, answered: bool = False) -> None:
        """Set `answered` when there was an HTTP answer, a 5xx or the beginning of a body."""
        super().__init__(bookmaker, operation, detail)
        self.answered = answered


class RateLimited(BookmakerError):
    """429: wait `retry_after_s` seconds before the next request."""

    kind = "rate_limited"

    def __init__(self, bookmaker: str, operation: str, detail: str, retry_after_s: float) -> None:
        super().__init__(bookmaker, operation, detail)
        self.retry_after_s = retry_after_s


class BookmakerRefused(BookmakerError):
    """403, a page instead of data, or a redirect: stop, say so, do not work around it."""

    kind = "refused"


class EventGone(BookmakerError):
    """The bookmaker no longer knows this event: one miss, never a withdrawal by itself."""

    kind = "gone"


class PayloadChanged(BookmakerError):
    """The answer has another shape than the one we know: nothing of it is believed."""

    kind = "payload_changed"


class StorageError(OverroundError):
    """A batch could not be written; it waits in the spool."""

    def __init__(self, batch_id: int | None, detail: str) -> None:
        super().__init__(detail if batch_id is None else f"batch {batch_id}: {detail}")
        self.batch_id = batch_id


class DatabaseUnavailable(StorageError):
    """The database can't be reached, is locked, or gave a transaction up: the same write will succeed later."""


class DatabaseRefuses(StorageError):
    """Only an operator can help: no table, another schema, read-only, disk full, no permission, the file gone."""


class SpoolDamaged(StorageError):
    """What waits in the spool is not what was written there: repeating it is no use, an operator has to decide."""


class RowRefused(StorageError):
    """The database is well and can't hold a value of this batch: repeating it is no use."""


class SequenceBroken(StorageError):
    """The spool does not continue where the database ends: writing on would hide a loss."""


class DatabaseTaken(SequenceBroken):
    """Another process has taken the database while it was out of reach: two would give one number to two things."""


class MarketIncomplete(OverroundError):
    """A price is missing, so the market's prices cannot be totalled."""


class CatalogueError(OverroundError):
    """The market catalogue contradicts itself; the message names the market and the fix."""

    def __init__(self, market: str, detail: str) -> None:
        super().__init__(f"catalogue market {market}: {detail}")
        self.market = market


class ConfigError(OverroundError):
    """A setting has a value we can't work with; the message names the setting and the fix."""

    def __init__(self, setting: str, detail: str) -> None:
        super().__init__(f"{setting}: {detail}")
        self.setting = setting


class DataDirInUse(OverroundError):
    """Another process holds the data directory."""

    def __init__(self, path: str, holder: str) -> None:
        super().__init__(
            f"data directory {path} is in use by {holder}; stop it or choose another with --data-dir"
        )
        self.holder = holder


class DatabaseInUse(OverroundError):
    """Another process holds the database."""

    def __init__(self, database: str, holder: str) -> None:
        super().__init__(
            f"{database} is in use by {holder}; stop it or choose another database with OVERROUND_DATABASE_URL"
        )
        self.holder = holder


class RunActive(OverroundError):
    """A scrape run is on; only one may be."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"scrape run {run_id} is active")
        self.run_id = run_id


class CleanupActive(OverroundError):
    """A cleanup of the database is on; only one may be."""

    def __init__(self) -> None:
        super().__init__("a cleanup is on already; its report comes with GET /api/cleanup/history")


class FeedUnreachable(OverroundError):
    """The client finds no server that answers."""

    def __init__(self, url: str, detail: str) -> None:
        super().__init__(f"no server answers at {url}: {one_line(detail)}")
        self.url = url


class FeedRefused(OverroundError):
    """The server refuses what the client asks; `code` is the HTTP status or close code, 0 without one."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(one_line(detail))
        self.code = code


class UnknownEvent(OverroundError):
    """No event with this Sportradar id is known."""

    def __init__(self, sportradar_id: str) -> None:
        super().__init__(f"no event has the Sportradar id {sportradar_id}")
        self.sportradar_id = sportradar_id
