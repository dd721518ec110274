"""
What analysis says: the values that screens, alerts and the command line share.

Odds in records are decimal x 1000 (`_milli`) as in the cache, 0 where an outcome can't be backed; arrays follow
`names`. Ratios and points are fractions: a gap of 0.02 is 2 %, 0.015 of probability is 1.5 points. "Counts" means:
an open price of an open listing, not started, confirmed within `stale_after_s`, not suspect (I14).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from overround.analysis.fair_books import fair_book
from overround.domain.fair import DEFAULT_METHOD, FairMethod, Probabilities
from overround.domain.markets import MarketKey

# Why a bookmaker's market does not count; "" where it does. `suspect` goes with the codes of domain/sanity.py.
Exclusion = Literal["", "started", "withdrawn", "unknown", "stale", "suspect", "suspended"]

# Which price the reference's is held against: `median` or `best` of those that count, or a bookmaker's code.
Against = str

MarketId = tuple[str, MarketKey]  # (sportradar id, market): one market of one event over all bookmakers


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """
    How the reference's market stands among the competitors that count; kept for every market where both exist.

    There is one as long as the reference lists the market and at least one competitor counts. While the
    reference itself does not count (`excluded` says why), `own_milli` is all 0 and so are rank and gap.
    """

    sportradar_id: str
    key: MarketKey
    names: tuple[str, ...]
    excluded: Exclusion  # of the reference
    own_milli: tuple[int, ...]
    median_milli: tuple[
        float, ...
    ]  # of the competitors that count; of two the mean; 0.0 where none prices it
    best_milli: tuple[int, ...]  # of all that count, the reference included
    rank: tuple[int, ...]  # of the reference, 1 is the highest price, equal prices share the better; 0: none
    competitors: int  # that count
    gap: float | None  # own / median - 1 of the outcome where it is furthest from 0; None without any


class Standing(msgspec.Struct, frozen=True):
    """One bookmaker in one market: what it offers, and whether and how it counts. Made on request."""

    bookmaker: str
    odds_milli: tuple[int, ...]
    state: Literal["open", "suspended", "withdrawn"]
    excluded: Exclusion
    suspect: tuple[str, ...]
    confirmed_at: datetime | None
    changed_at: datetime
    overround: float | None  # None without W or with an incomplete set
    fair: tuple[float, ...] | None  # probabilities by `MarketView.method`; None as overround
    gaps: tuple[float | None, ...]  # reference / this price - 1; None where one of them can't be backed


class MarketView(msgspec.Struct, frozen=True):
    """One market over all bookmakers in full: what a trader looks at before changing a price. Made on request."""

    sportradar_id: str
    key: MarketKey
    names: tuple[str, ...]
    standings: tuple[Standing, ...]  # the reference first
    comparison: Comparison | None
    method: FairMethod
    consensus: tuple[float, ...] | None  # of the competitors that count and are complete
    edge: tuple[
        float | None, ...
    ]  # what the house keeps of a stake at its own price if the consensus is right


class ComparisonChange(msgspec.Struct, frozen=True):
    """One market's comparison before and after; None where there was or is none."""

    sportradar_id: str
    key: MarketKey
    before: Comparison | None
    after: Comparison | None


# --- exposure -------------------------------------------------------------------------------------------------

Suppression = Literal["profit", "bookmakers", "outlier", "below_mean"]
ClosedBy = Literal[
    "own_move",  # the reference changed its price
    "their_move",  # a competitor did
    "suspended",  # a leg was locked
    "stale",  # a leg was not confirmed in time, or its source is down
    "suspect",  # a leg is no longer believed
    "started",  # the match began
    "withdrawn",  # a leg's listing or market left, or the event did
    "settings",  # another bookmaker set or another patience
    "unknown_while_stopped",  # it was open when the process ended and no longer when all its legs were seen again
]


class Leg(msgspec.Struct, frozen=True):
    """The best price of one outcome."""

    name: str
    bookmaker: str  # the reference where it shares the best price
    odds_milli: int
    changed_at: datetime  # of the market; when it was last confirmed the cache knows


class Exposure(msgspec.Struct, frozen=True):
    """
    A market whose best prices across bookmakers add up to less than W: whoever backs every leg wins.

    Identity: `id`, for as long as it stays open; a market that is crossed again later has another one.
    """

    id: str
    sportradar_id: str
    key: MarketKey
    mine: bool  # the reference's price is one of the legs
    legs: tuple[Leg, ...]  # in the order of the catalogue's outcomes
    total: float  # sum(1/odds) / W, below 1
    profit: float  # 1 / total - 1
    opened_at: datetime
    peak: float  # largest profit so far
    peak_at: datetime
    suppressed: tuple[Suppression, ...] = ()  # rules that keep it off the board; empty: it is on it
    closed_at: datetime | None = None
    closed_by: ClosedBy | None = None

    @property
    def shown(self) -> bool:
        """Return whether it is one for the board and for alerts: open, ours, not suppressed."""
        return self.mine and self.closed_at is None and not self.suppressed


# --- movements ------------------------------------------------------------------------------------------------

MoveKind = Literal["price", "suspended", "reopened", "withdrawn", "returned", "flicker"]
AnsweredBy = Literal["followed", "closed_here", "reverted", "started", "withdrawn"]


class OutcomeMove(msgspec.Struct, frozen=True):
    """One outcome before and after; 0 where it could not be backed."""

    name: str
    from_milli: int
    to_milli: int
    change: float | None  # to / from - 1
    points: float | None  # fair probability (power) after - before; None where either market was not complete


class Move(msgspec.Struct, frozen=True, gc=False):
    """What one answer changed in one market of one bookmaker."""

    change_id: int
    at: datetime
    bookmaker: str
    kind: MoveKind
    names: tuple[str, ...]
    before_milli: tuple[int, ...]
    after_milli: tuple[int, ...]
    winners: int  # W when `names` is the market's complete set, else 0
    flickers: int = 0  # how often it went to `after` and came back within a minute; kind `flicker`

    @property
    def outcomes(self) -> tuple[OutcomeMove, ...]:
        """Return the outcomes that moved, each with what its move means."""
        before, after = self.fair
        return tuple(
            OutcomeMove(
                name, was, now, now / was - 1 if was and now else None,
                after[place] - before[place] if before and after else None,
            )
            for place, (name, was, now) in enumerate(
                zip(self.names, self.before_milli, self.after_milli, strict=True)
            )
            if was != now
        )  # fmt: skip

    @property
    def fair(self) -> tuple[Probabilities | None, Probabilities | None]:
        """Return the fair probabilities before and after; None where the market was not complete."""
        return fair_of(self.before_milli, self.winners), fair_of(self.after_milli, self.winners)


def fair_of(odds_milli: tuple[int, ...], winners: int) -> Probabilities | None:
    """Return a book's fair probabilities, None where an outcome is missing or W is not known (0)."""
    return None if not winners or 0 in odds_milli else fair_book(odds_milli, winners)


class Steam(msgspec.Struct, frozen=True):
    """At least n - 1 of n competitors (two at least) moved an outcome the same way within the window."""

    name: str  # the outcome
    direction: Literal["up", "down"]  # of the price
    bookmakers: tuple[str, ...]  # in the order they moved; the first moved first
    competitors: int  # that offered the market
    started_at: datetime  # first move
    detected_at: datetime
    points: float  # largest of their moves, signed


class Unanswered(msgspec.Struct, frozen=True):
    """A competitor's move of at least the threshold, and whether the reference has followed."""

    name: str
    direction: Literal["up", "down"]  # of the price
    bookmaker: str  # who moved first
    from_milli: int  # their price before
    to_milli: int  # and after
    since: datetime
    own_milli: int  # the reference's price then
    answered_at: datetime | None = None
    answered_by: AnsweredBy | None = None


class Movement(msgspec.Struct, frozen=True):
    """
    All moves of one market of one event in one scrape run, or within a minute of each other outside of runs.

    Identity: `id`; the same one comes again, in full, whenever something is added to it.
    """

    id: str
    sportradar_id: str
    key: MarketKey
    run_id: str | None
    started_at: datetime
    changed_at: datetime  # when it last became another
    moves: tuple[Move, ...]  # oldest first
    steam: Steam | None = None
    unanswered: tuple[Unanswered, ...] = ()  # one per outcome and direction, open and answered

    @property
    def first_mover(self) -> str:
        """Return the bookmaker whose move was the first."""
        return self.moves[0].bookmaker

    @property
    def is_unanswered(self) -> bool:
        """Return whether the reference still has to follow somewhere."""
        return any(each.answered_at is None for each in self.unanswered)


# --- what is told ---------------------------------------------------------------------------------------------


class AnalysisUpdate(msgspec.Struct, frozen=True):
    """What one batch of changes, or the mere passing of time, made different. Empty parts are empty tuples."""

    at: datetime
    comparisons: Sequence[ComparisonChange] = ()
    exposures: Sequence[Exposure] = ()  # opened, changed or closed: as they are now
    movements: Sequence[Movement] = ()  # new or added to: as they are now


AnalysisListener = Callable[[AnalysisUpdate], None]


class AnalysisFeed(Protocol):
    """
    What alerts and the API read; `analysis.desk.AnalysisDesk` is one. Everything runs on the event loop.

    State is level with the cache after `catch_up`; without it a reader may see a market some milliseconds late,
    never a wrong one.
    """

    def on_analysis(self, listener: AnalysisListener) -> None:
        """Call `listener` with every update, in order and in one turn of the loop; it must not wait or raise."""
        ...

    def catch_up(self) -> None:
        """Take in all that the bus has delivered and all that time has made stale, without giving up the turn."""
        ...

    def comparison(self, sportradar_id: str, key: MarketKey) -> Comparison | None:
        """Return one market's comparison, None where there is none."""
        ...

    def comparisons(self, sportradar_id: str | None = None) -> Iterator[Comparison]:
        """Return every comparison, of one event or of all, in no order that means anything."""
        ...

    def compared_events(self) -> list[str]:
        """Return the events that have comparisons."""
        ...

    def against(self, of_event: Iterable[Comparison], reference: Against) -> list[tuple[float, ...]]:
        """Return the prices x 1000 that comparisons of one event are held against, 0 where there is none."""
        ...

    def view(
        self, sportradar_id: str, key: MarketKey, method: FairMethod = DEFAULT_METHOD
    ) -> MarketView | None:
        """Return one market over all bookmakers in full, None for an event or a market that nobody has."""
        ...

    def exposures(self, closed: bool = False) -> Sequence[Exposure]:
        """Return what is open, oldest first; or what has closed, newest first, of today and some days before."""
        ...

    def movements(self) -> Iterator[Movement]:
        """Return the movements in memory, newest first."""
        ...
