"""Listings, their changes and run reports for storage tests: one of each by hand, any of them as strategies."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from overround.domain.diff import ListingChanges, MarketChange
from overround.domain.events import EventHeader, Listing, competition
from overround.domain.markets import MAX_ODDS_MILLI, Market, MarketKey
from overround.domain.runs import BookmakerReport, EventCounts, PhaseProgress, RunError, RunReport
from tests.support.clock import START

KICKOFF = START + timedelta(hours=6)
NAMES = {"3743": ("1", "X", "2"), "5000": ("Over", "Under")}


def header(
    sportradar_id: str = "69000001", kickoff_at: datetime = KICKOFF, source: str = "betpawa"
) -> EventHeader:
    """Return the header of a football event in Nigeria's league."""
    league = competition("football", "Nigeria", "NPFL")
    return EventHeader(sportradar_id, "Kano", "Enyimba", kickoff_at, league, "football", source)


def listing(sportradar_id: str = "69000001", bookmaker: str = "betpawa") -> Listing:
    """Return an open listing."""
    return Listing(sportradar_id, bookmaker, f"own-{sportradar_id}", kickoff_at=KICKOFF)


def market(
    *odds_milli: int, market_id: str = "3743", line: str = "", at: datetime = START, first_seen_at: datetime | None = None,
    withdrawn: bool = False, suspended: int = 0, names: tuple[str, ...] | None = None,
) -> Market:  # fmt: skip
    """Return a settled market as an answer at `at` left it."""
    return Market(
        key=MarketKey(market_id, line),
        names=names or NAMES[market_id],
        odds_milli=odds_milli,
        suspended=suspended,
        changed_at=at,
        first_seen_at=first_seen_at or at,
        withdrawn_at=at if withdrawn else None,
    )


def registered(
    *markets: Market, sportradar_id: str = "69000001", bookmaker: str = "betpawa", at: datetime = START,
    kickoff_at: datetime = KICKOFF,
) -> ListingChanges:  # fmt: skip
    """Return a listing's first changes: header, listing and markets."""
    return ListingChanges(
        sportradar_id, bookmaker, at, header(sportradar_id, kickoff_at), listing(sportradar_id, bookmaker),
        tuple(MarketChange(None, each) for each in markets),
    )  # fmt: skip


def changed(
    *markets: Market, sportradar_id: str = "69000001", bookmaker: str = "betpawa", at: datetime = START
) -> ListingChanges:
    """Return price changes of a listing that is known."""
    return ListingChanges(
        sportradar_id, bookmaker, at, markets=tuple(MarketChange(None, each) for each in markets)
    )


def run_report(run_id: str = "run-1", status: str = "completed") -> RunReport:
    """Return a report in which no two figures are equal."""
    ended = status not in ("pending", "running")
    return RunReport(
        run_id=run_id,
        trigger="manual",
        status=status,  # pyright: ignore[reportArgumentType]
        started_at=START,
        finished_at=START + timedelta(seconds=42) if ended else None,
        events=EventCounts(total=100, ok=90, unchanged=60, failed=7, late=3),
        changes=1234,
        matched=80,
        bookmakers=[
            BookmakerReport("sportybet", 50, 40, 5, 2, 11, 1, 340.5, 520.25, "partial", 47),
            BookmakerReport("betpawa", 48, 47, 0, 1, 0, 4, 120.0, 240.0, "ok", 48),
        ],
        phases_ms={"fetch": 1200.5, "accept": 3.25},
        errors=[RunError("sportybet", "rate_limited", 5, "429 factsCenter/event")],
        reason="" if status == "completed" else "sportybet was down",
        heartbeat_at=START + timedelta(seconds=41),
        duration_ms=42_000.5,
        phases=[
            PhaseProgress("sportybet", "discover", 50, 50, 1800.5, 0),
            PhaseProgress("sportybet", "fetch", 47, 48, 16_100.25, 5),
        ],
    )


# --- any of them ---------------------------------------------------------------------------------------------

texts = st.text(max_size=12)
times = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
codes = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Any market a parser and settle may produce: up to 90 outcomes, suspended or not offered."""
    names = tuple(draw(st.lists(texts, min_size=1, max_size=90, unique=True)))
    return Market(
        key=MarketKey(draw(texts), draw(texts)),
        names=names,
        odds_milli=tuple(draw(st.integers(0, MAX_ODDS_MILLI)) for _ in names),
        suspended=draw(st.integers(0, 2 ** len(names) - 1)),
        changed_at=draw(times),
        first_seen_at=draw(times),
        withdrawn_at=draw(st.none() | times),
        suspect=tuple(draw(st.lists(codes, max_size=2))),
    )


@st.composite
def listing_changes(draw: st.DrawFn) -> ListingChanges:
    """Any change of a listing that carries the listing itself, so that it may be the first."""
    sportradar_id, bookmaker = draw(texts), draw(texts)
    league = competition(draw(texts), draw(texts), draw(texts))
    head = EventHeader(
        sportradar_id,
        draw(texts),
        draw(texts),
        draw(times),
        league,
        draw(texts),
        draw(texts),
        draw(st.booleans()),
    )
    own = Listing(
        sportradar_id, bookmaker, draw(texts), draw(st.sampled_from(["open", "started", "withdrawn", "unknown"])),
        draw(texts), draw(st.none() | texts), draw(st.none() | times),
    )  # fmt: skip
    books = draw(st.lists(markets(), max_size=4, unique_by=lambda book: book.key))
    return ListingChanges(
        sportradar_id, bookmaker, draw(times), draw(st.none() | st.just(head)), own,
        tuple(MarketChange(None, book) for book in books),
    )  # fmt: skip
