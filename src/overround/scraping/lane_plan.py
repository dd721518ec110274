"""What the fast lane knows of one bookmaker: who stands in which list, how old that is, and what to ask for next."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf

from overround.bookmakers.base import GlanceLimits
from overround.domain.events import ListedEvent
from overround.domain.markets import MarketKey, ParsedMarket
from overround.scraping.priority import NEAR

# A listing is due so long after it was last seen. The second is the first times nine: where the budget is short
# (Bet9ja, one group a request) events within two hours may then be 20 s old while the others are 120 s.
NEAR_REST_S, FAR_REST_S = 5.0, 45.0
BESIDE_RUN_S = (
    7.0  # later while a run is on: it brings the near ones first, and each request slows it a little
)

# Staleness counts by its third power. What matters is how old the oldest prices are, not the average: for the
# simulated Bet9ja at 240 requests a minute the square leaves 23 s / 115 s (p95 near / all), the cube 20 s / 120 s,
# the fourth power 20 s / 129 s.
STEEPNESS = 3

REBUILD_S = 10.0  # kickoffs come nearer
FILL_SHARE = 0.5  # of its rest that a listing must have had to fill a request that is sent anyway


class Listed:
    """One event at the bookmaker."""

    __slots__ = (
        "asked", "claimed", "doubts", "event_id", "full", "group", "kickoff_at", "seen", "shown", "sportradar_id",
    )  # fmt: skip

    def __init__(self, row: ListedEvent, sportradar_id: str, now: float) -> None:
        self.sportradar_id, self.event_id = sportradar_id, row.event_id
        self.kickoff_at, self.group = row.kickoff_at, row.group
        self.seen = self.full = now  # when its main markets, and all of it, were last confirmed
        self.asked = -inf  # when its detail was last asked for by the fast lane
        self.shown: frozenset[MarketKey] = frozenset()  # what its list row showed last
        self.claimed: Mapping[MarketKey, ParsedMarket] = {}  # how its list row says that it moved
        self.doubts = 0  # details in a row that said otherwise


class Group:
    """The events of one list, with their staleness as a polynomial of time."""

    __slots__ = ("_built", "_sums", "due", "id", "is_asked", "listed", "near", "oldest")

    def __init__(self, group_id: str) -> None:
        self.id = group_id
        self.listed: dict[str, Listed] = {}  # by Sportradar id
        self.is_asked = False  # a request for it is under way
        self.near = False  # one of its events kicks off within two hours
        self.due = self.oldest = (
            inf  # when the first of its events is due; since when its oldest was not seen
        )
        self._built = -inf
        self._sums = (0.0, 0.0, 0.0, 0.0)

    def touch(self) -> None:
        """Note that something of it has changed."""
        self._built = -inf

    def bring_up_to_date(self, now: float, at: datetime) -> None:
        """Work out who is due when, if anything has changed or kickoffs have come nearer."""
        if now - self._built < REBUILD_S:
            return
        self._built, self.due, self.oldest, self.near = now, inf, inf, False
        sums = [0.0, 0.0, 0.0, 0.0]
        for listed in self.listed.values():
            left = listed.kickoff_at - at
            if left <= timedelta(0):
                continue
            near = left < NEAR
            rest_s = NEAR_REST_S if near else FAR_REST_S
            self.near = self.near or near
            self.due = min(self.due, listed.seen + rest_s)
            self.oldest = min(self.oldest, listed.seen + rest_s * FILL_SHARE)
            age, power = (now - listed.seen) / rest_s, 1.0
            for place in range(STEEPNESS + 1):
                sums[place] += power / rest_s ** (STEEPNESS - place)
                power *= age
        self._sums = (sums[0], sums[1], sums[2], sums[3])

    def staleness(self, now: float) -> float:
        """Return the sum over its events of (age / rest) to the third."""
        later = now - self._built
        steady, linear, square, cube = self._sums
        return cube + later * (3 * square + later * (3 * linear + later * steady))


class LanePlan:
    """
    Chooses what to ask for: the request that takes away most staleness.

    Choosing looks at every group once (0.2 ms for 367) and at events only where something changed.
    """

    def __init__(self, limits: GlanceLimits | None) -> None:
        """Plan requests of this size; None for a bookmaker whose lists carry no prices."""
        self._limits = limits
        self._groups: dict[str, Group] = {}
        self.listed: dict[str, Listed] = {}  # by Sportradar id
        self.by_event_id: dict[str, Listed] = {}

    def adopt(self, rows: Iterable[ListedEvent], now: float) -> None:
        """Take over what a discovery found; what is known of an event's age stays."""
        before, asked = self.listed, {group.id for group in self._groups.values() if group.is_asked}
        self.listed, self._groups = {}, {}
        for row in rows:
            if row.sportradar_id is None:
                continue
            listed = before.get(row.sportradar_id) or Listed(row, row.sportradar_id, now)
            listed.event_id, listed.kickoff_at, listed.group = row.event_id, row.kickoff_at, row.group
            self.listed[row.sportradar_id] = listed
            group = self._groups.setdefault(row.group, Group(row.group))
            group.listed[row.sportradar_id] = listed
            group.is_asked = row.group in asked
        self._groups.pop("", None)  # who does not say its list can't be asked for by list
        self.by_event_id = {listed.event_id: listed for listed in self.listed.values()}

    def forget(self, sportradar_id: str) -> None:
        """Leave an event out: it is withdrawn, started or gone from memory."""
        if listed := self.listed.pop(sportradar_id, None):
            self.by_event_id.pop(listed.event_id, None)
            if group := self._groups.get(listed.group):
                del group.listed[sportradar_id]
                group.touch()

    def note_seen(self, sportradar_id: str, now: float, full: bool) -> None:
        """Note that an event's main markets, or all of it, were confirmed."""
        if listed := self.listed.get(sportradar_id):
            listed.seen = now
            listed.full = now if full else listed.full
            self._touch(listed)

    def note_kickoff(self, sportradar_id: str, kickoff_at: datetime) -> None:
        """Follow an event's kickoff."""
        if (listed := self.listed.get(sportradar_id)) and listed.kickoff_at != kickoff_at:
            listed.kickoff_at = kickoff_at
            self._touch(listed)

    def choose(self, now: float, at: datetime, beside_run: bool) -> list[Group]:
        """
        Return the groups to ask for in the next request; none when nothing is due.

        Args:
            beside_run: Leave out lists without an event in the next two hours, and ask for the others later.
        """
        if self._limits is None:
            return []
        due = now - BESIDE_RUN_S if beside_run else now
        best, most = None, 0.0
        for group in self._groups.values():
            group.bring_up_to_date(now, at)
            if group.due <= due and not group.is_asked and (group.near or not beside_run):
                staleness = group.staleness(now)
                if staleness > most:
                    best, most = group, staleness
        if best is None:
            return []
        return [best, *self._company(best, now, self._limits)]

    def began(self, groups: Sequence[Group]) -> None:
        """Note that these groups are asked for."""
        for group in groups:
            group.is_asked = True

    def ended(self, groups: Sequence[Group], now: float) -> None:
        """Note that a request for these groups has ended; what it did not bring is not asked for again at once."""
        for asked in groups:
            group = self._groups.get(asked.id)
            if group is None:
                continue
            group.is_asked = False
            group.touch()
            for listed in group.listed.values():
                listed.seen = max(listed.seen, now)

    def _company(self, best: Group, now: float, limits: GlanceLimits) -> list[Group]:
        """Return further groups for the same request: the stalest that have room, due or half due."""
        if limits.groups <= 1:
            return []
        others = [
            group
            for group in self._groups.values()
            if group.oldest <= now and not group.is_asked and group is not best
        ]
        others.sort(key=lambda group: -group.staleness(now))
        room, company = limits.events - len(best.listed), list[Group]()
        for group in others:
            if len(group.listed) <= room:
                company.append(group)
                room -= len(group.listed)
                if len(company) == limits.groups - 1:
                    break
        return company

    def _touch(self, listed: Listed) -> None:
        if group := self._groups.get(listed.group):
            group.touch()
