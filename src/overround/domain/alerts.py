"""
Alert rules, the alerts they open, the channels that carry them, and how far each delivery came.

Thresholds are in the unit of their condition (`CONDITIONS`): ratios are fractions, durations seconds.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from overround.domain.events import EventHeader
from overround.domain.markets import MarketKey, market_word, plain_line
from overround.errors import ConfigError

Condition = Literal[
    "gap", "move", "steam", "suspended_here", "suspended_there", "exposure", "margin", "event_missing",
    "source_down", "source_stale", "write_lag",
]  # fmt: skip
Direction = Literal["either", "above", "below"]
Shown = Literal["badge", "sound", "browser"]
ResolvedBy = Literal["ended", "started", "rule"]  # condition over; match began; rule changed, off or deleted
DeliveryState = Literal["waiting", "delivered", "refused", "expired"]
ChannelKind = Literal["webhook", "apprise"]

NAME_LIMIT = 80
LISTED_AT_MOST = 200  # competitions, markets, channels of a rule
KICKOFF_LIMIT_MIN = 60 * 24 * 30
COOLDOWN_LIMIT_S = 7 * 86_400
SNOOZE_LIMIT_MIN = 7 * 24 * 60
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class ConditionSpec(msgspec.Struct, frozen=True):
    """What a condition's threshold means, for people and for the form that asks for it."""

    about: str
    unit: str  # fraction, s, bookmakers, points
    default: float
    min: float
    max: float
    upper: float | None = None  # default of the band's upper end, None for conditions without
    scope: tuple[str, ...] = ("competitions", "markets", "bookmakers", "kickoff")  # the parts that it reads


_EVENT_SCOPE = ("competitions", "bookmakers", "kickoff")
CONDITIONS: dict[Condition, ConditionSpec] = {
    "gap": ConditionSpec("our price is this far from the competitors' median, or from the price of each bookmaker named", "fraction", 0.05, 0.001, 10),
    "move": ConditionSpec("a competitor moved a price by this much and we have not answered", "fraction", 0.05, 0.001, 10),
    "steam": ConditionSpec("nearly all competitors moved an outcome the same way, the largest move by this much fair probability", "points", 0.015, 0.001, 1),
    "suspended_here": ConditionSpec("our market is suspended while this many competitors offer it", "bookmakers", 1, 1, 6),
    "suspended_there": ConditionSpec("we offer a market that this many competitors have suspended", "bookmakers", 1, 1, 6),
    "exposure": ConditionSpec("a market on the exposure board pays this much whoever wins", "fraction", 0.005, 0, 1),
    "margin": ConditionSpec("the overround, ours or of the bookmakers named, is outside the band", "fraction", 0.02, -0.5, 2, 0.12),
    "event_missing": ConditionSpec("this many competitors list an event that we don't", "bookmakers", 2, 1, 6, scope=_EVENT_SCOPE),
    "source_down": ConditionSpec("a bookmaker has given no prices for this long", "s", 60, 0, 86_400, scope=("bookmakers",)),
    "source_stale": ConditionSpec("this share of a bookmaker's listings is stale", "fraction", 0.5, 0.01, 1, scope=("bookmakers",)),
    "write_lag": ConditionSpec("the oldest accepted change has waited this long for the database, or the writer waits for an operator", "s", 60, 1, 86_400, scope=()),
}  # fmt: skip


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a rule looks; an empty part means everywhere."""

    competitions: tuple[str, ...] = ()  # slugs
    markets: tuple[str, ...] = ()  # "3743" (all lines) or "5000:2.5"
    bookmakers: tuple[str, ...] = ()  # whose prices, moves, suspensions, margins or health
    kickoff_within_min: int | None = None  # at most so far from kickoff
    kickoff_beyond_min: int | None = None  # at least so far

    def takes_event(self, header: EventHeader, now: datetime) -> bool:
        """Return whether an event that has not begun is in the scope."""
        ahead = header.kickoff_at - now
        if ahead <= timedelta(0) or (self.competitions and header.competition.id not in self.competitions):
            return False
        within, beyond = self.kickoff_within_min, self.kickoff_beyond_min
        return (within is None or ahead <= timedelta(minutes=within)) and (
            beyond is None or ahead >= timedelta(minutes=beyond)
        )

    def takes_market(self, key: MarketKey) -> bool:
        """
        Return whether a market is in the scope.

        >>> Scope(markets=("5000:2.5",)).takes_market(MarketKey("5000", "2.5"))
        True
        """
        return not self.markets or key.market_id in self.markets or market_word(key) in self.markets

    def takes_bookmaker(self, code: str) -> bool:
        """Return whether a bookmaker is in the scope."""
        return not self.bookmakers or code in self.bookmakers

    @property
    def depends_on_time(self) -> bool:
        """Return whether an event can enter it by the mere passing of time."""
        return self.kickoff_within_min is not None


class QuietHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours of the day, in a named zone, in which alerts open but nothing is sent."""

    start: str  # "22:00"
    end: str  # "07:00"; earlier than the start: the next morning
    zone: str  # "Africa/Lagos"

    def covers(self, now: datetime) -> bool:
        """
        Return whether these hours are now.

        >>> from datetime import UTC
        >>> QuietHours("22:00", "07:00", "Africa/Lagos").covers(datetime(2026, 11, 24, 21, 30, tzinfo=UTC))
        True
        """
        local = now.astimezone(ZoneInfo(self.zone)).time()
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return start <= local < end if start <= end else local >= start or local < end


class RuleSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule as people write it."""

    name: str
    condition: Condition
    threshold: float | None = None  # None: the condition's default
    upper: float | None = None  # of `margin`: the band's upper end
    direction: Direction = "either"  # gap: our price above or below; move, steam: the price's way
    scope: Scope = Scope()
    cooldown_s: int = 900  # how long after it opened the same alert does not open again
    quiet_hours: QuietHours | None = None
    channels: tuple[str, ...] = ()
    show: tuple[Shown, ...] = ("badge",)  # what the page does
    enabled: bool = True

    @property
    def bounds(self) -> tuple[float, float | None]:
        """Return the threshold and the upper end that act: as given, else the condition's own."""
        known = CONDITIONS[self.condition]
        least = known.default if self.threshold is None else self.threshold
        return least, known.upper if self.upper is None else self.upper


class Rule(msgspec.Struct, frozen=True):
    """A rule as it is kept."""

    id: str
    spec: RuleSpec
    created_at: datetime
    changed_at: datetime

    @property
    def threshold(self) -> float:
        """Return the threshold that acts."""
        return self.spec.bounds[0]

    @property
    def upper(self) -> float | None:
        """Return the upper end that acts, None for conditions without a band."""
        return self.spec.bounds[1]


def checked_rule(spec: RuleSpec, bookmakers: Collection[str], channels: Collection[str]) -> RuleSpec:
    """
    Return a rule in canonical form: markets with plain lines, no part given twice.

    Raises:
        ConfigError: A field has a value we can't work with; the message names it.
    """
    known = CONDITIONS[spec.condition]
    if not (spec.name and len(spec.name) <= NAME_LIMIT and spec.name.isprintable()):
        raise ConfigError("name", f"must be 1 to {NAME_LIMIT} printable characters")
    for field, value in (("threshold", spec.threshold), ("upper", spec.upper)):
        if value is not None and not known.min <= value <= known.max:
            raise ConfigError(field, f"must be from {known.min:g} to {known.max:g} ({known.unit})")
    if known.upper is None and spec.upper is not None:
        raise ConfigError("upper", f"{spec.condition} has no band")
    least, most = spec.bounds
    if most is not None and most <= least:
        raise ConfigError("upper", "must be above threshold")
    if not 0 <= spec.cooldown_s <= COOLDOWN_LIMIT_S:
        raise ConfigError("cooldown_s", f"must be from 0 to {COOLDOWN_LIMIT_S}")
    if missing := sorted(set(spec.channels) - set(channels)):
        raise ConfigError("channels", f"there is no channel {', '.join(missing)}")
    _check_quiet(spec.quiet_hours)
    scope = _checked_scope(spec.scope, bookmakers)
    return msgspec.structs.replace(
        spec, scope=scope, channels=tuple(dict.fromkeys(spec.channels)), show=tuple(dict.fromkeys(spec.show))
    )


def _check_quiet(hours: QuietHours | None) -> None:
    if hours is None:
        return
    if not (_CLOCK_TIME.fullmatch(hours.start) and _CLOCK_TIME.fullmatch(hours.end)):
        raise ConfigError("quiet_hours", "start and end must be like 22:00")
    if hours.start == hours.end:
        raise ConfigError("quiet_hours", "start and end are the same; switch the rule off instead")
    try:
        ZoneInfo(hours.zone)
    except (ValueError, OSError, LookupError) as exc:
        raise ConfigError(
            "quiet_hours", f"{hours.zone!r} is no time zone; write one like Africa/Lagos"
        ) from exc


def _checked_scope(scope: Scope, bookmakers: Collection[str]) -> Scope:
    if unknown := sorted(set(scope.bookmakers) - set(bookmakers)):
        raise ConfigError(
            "scope.bookmakers", f"unknown {', '.join(unknown)}; choose from {', '.join(bookmakers)}"
        )
    for field in ("kickoff_within_min", "kickoff_beyond_min"):
        minutes = getattr(scope, field)
        if minutes is not None and not 0 <= minutes <= KICKOFF_LIMIT_MIN:
            raise ConfigError(f"scope.{field}", f"must be from 0 to {KICKOFF_LIMIT_MIN} minutes")
    for field in ("competitions", "markets"):
        if len(getattr(scope, field)) > LISTED_AT_MOST:
            raise ConfigError(f"scope.{field}", f"at most {LISTED_AT_MOST} may be named")
    return msgspec.structs.replace(
        scope,
        competitions=tuple(dict.fromkeys(scope.competitions)),
        markets=tuple(dict.fromkeys(_market(text) for text in scope.markets)),
        bookmakers=tuple(code for code in bookmakers if code in scope.bookmakers),
    )


def _market(text: str) -> str:
    market_id, _, line = text.strip().partition(":")
    try:
        return f"{market_id}:{plain_line(line)}" if line else market_id
    except ValueError as exc:
        raise ConfigError("scope.markets", str(exc)) from exc


# --- alerts ---------------------------------------------------------------------------------------------------


class Alert(msgspec.Struct, frozen=True):
    """
    One thing that a rule found, from when it began to when it ended.

    Identity: `id`. While it is open no other one has its `dedupe_key`.
    """

    id: str
    rule_id: str
    rule_name: str  # when it opened
    condition: Condition
    dedupe_key: str
    title: str  # one line
    detail: str  # one sentence
    value: float  # what was measured when it opened, in the condition's unit
    opened_at: datetime
    sportradar_id: str = ""  # "" for sources and the writer
    market_id: str = ""
    line: str = ""
    market: str = ""  # the column's name, "O/U 2.5"
    outcome: str = ""
    bookmaker: str = ""
    home: str = ""
    away: str = ""
    competition_id: str = ""
    kickoff_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: ResolvedBy | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""  # name of the key
    snoozed_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Return whether its condition still holds."""
        return self.resolved_at is None

    def is_quiet(self, now: datetime) -> bool:
        """Return whether somebody has taken note of it or put it off."""
        snoozed = self.snoozed_until is not None and now < self.snoozed_until
        return self.acknowledged_at is not None or snoozed


class Delivery(msgspec.Struct, frozen=True):
    """The one delivery of an alert through a channel. Identity: `id`, which the receiver gets as Idempotency-Key."""

    id: str
    alert_id: str
    channel: str
    state: DeliveryState
    created_at: datetime
    attempts: int = 0
    last_error: str = ""  # of the last attempt, "" when it succeeded; without secrets
    finished_at: datetime | None = None


class Channel(msgspec.Struct, frozen=True):
    """Somewhere alerts are sent. `url` and `secret` never leave the process."""

    name: str
    kind: ChannelKind
    url: str
    secret: str  # signs webhooks; "" for Apprise
    source: Literal["environment", "admin"]
    created_at: datetime | None  # None from the environment


class ChannelView(msgspec.Struct, frozen=True):
    """What may be shown of a channel."""

    name: str
    kind: ChannelKind
    url: str  # scheme and host; of Apprise only the scheme, for what follows is often a token
    source: Literal["environment", "admin"]
    created_at: datetime | None


class AlertFilter(msgspec.Struct, frozen=True):
    """Which alerts a reader asks for; an empty part asks for all."""

    open_only: bool = False
    rule_id: str = ""
    sportradar_id: str = ""
    competition_id: str = ""

    def takes(self, alert: Alert) -> bool:
        """Return whether an alert is asked for."""
        return (
            (alert.is_open or not self.open_only)
            and self.rule_id in ("", alert.rule_id)
            and self.sportradar_id in ("", alert.sportradar_id)
            and self.competition_id in ("", alert.competition_id)
        )


class AlertPage(msgspec.Struct, frozen=True):
    """Some alerts with their deliveries by alert id, and how many alerts there are."""

    alerts: tuple[Alert, ...]
    deliveries: Mapping[str, tuple[Delivery, ...]]
    total: int


# Called with an alert that became another, and its deliveries.
AlertListener = Callable[[Alert, Sequence[Delivery]], None]


class RuleStanding(msgspec.Struct, frozen=True):
    """A rule and how noisy it is."""

    rule: Rule
    open: int
    hits_24h: int | None  # alerts it opened; None while the database is away
    held_back: int  # found now but not opened: the rule has its most alerts open


class Preview(msgspec.Struct, frozen=True):
    """What a rule would have done."""

    since: datetime | None  # how far back what is in memory reaches, at most 24 h; None: nothing is kept
    fired: int | None  # None where no history is kept that could say
    open_now: int
    method: str  # one sentence
    limits: str  # one sentence
    at: tuple[datetime, ...] = ()  # the newest times, at most 100


def channel_name(name: str) -> str:
    """
    Return a channel's name if it may be one.

    Raises:
        ConfigError: It is none.
    """
    if not _CHANNEL.fullmatch(name):
        raise ConfigError("name", "must be 1 to 40 lower-case letters, digits or hyphens")
    return name
