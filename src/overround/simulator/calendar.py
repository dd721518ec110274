"""Which matches lie ahead: a fixed number of them, each making room for a later one when it kicks off."""

import math
import random
from datetime import UTC, datetime, timedelta

import msgspec

from overround.simulator import chance
from overround.simulator.competitions import SimulatedCompetition, all_competitions
from overround.simulator.goals import Intensities

_START = datetime(2020, 1, 1, tzinfo=UTC)
_KICKOFF_GRID_S = 900  # kickoffs lie on the quarter hours
_MATCHES_PER_SLOT = 20_000  # ids of one slot; at a match a day they last until 2074
# (share of the slots, days between their matches): more matches lie near than far, all within a week
_RHYTHMS = ((0.2, 1), (0.3, 2), (0.3, 4), (0.2, 6))
_CLUBS_PER_SLOT = 4  # a slot has clubs of its own, so no club plays twice at once
_SLOTS_PER_COMPETITION = 3.6
_FURTHER_SPORTS_EVERY = 5


class Match(msgspec.Struct, frozen=True):
    """One match as it truly is, whoever lists it."""

    sportradar_id: str
    slot: int
    home: str
    away: str
    kickoff_at: datetime
    country: str
    competition: str
    base: Intensities  # expected goals before any movement
    sport: str = "football"


class _Slot(msgspec.Struct, frozen=True):
    """A row of matches, one after the other, in one competition."""

    number: int
    competition: SimulatedCompetition
    clubs: tuple[str, ...]
    period_s: int
    phase_s: int


class Calendar:
    """The matches of a seed. A pure function of time: nothing is remembered but for speed."""

    def __init__(self, seed: int, matches: int, sports: tuple[str, ...] = ("football",)) -> None:
        """Keep that many matches ahead at any time; every fifth is of one of the further sports, if any."""
        self._seed, self._sports = seed, sports
        self._slots = _slots(seed, matches)
        self._known: dict[int, Match] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def ahead(self, at: datetime) -> list[Match]:
        """Return the matches that kick off after this moment, soonest first: one per slot."""
        seconds = (at - _START).total_seconds()
        matches = [self._next(slot, seconds) for slot in self._slots]
        self._known = {match.slot: match for match in matches}
        return sorted(matches, key=lambda match: (match.kickoff_at, match.slot))

    def _next(self, slot: _Slot, seconds: float) -> Match:
        turn = math.floor((seconds - slot.phase_s) / slot.period_s) + 1
        sportradar_id = self._sportradar_id(slot, turn)
        known = self._known.get(slot.number)
        if known is not None and known.sportradar_id == sportradar_id:
            return known
        return self._match(slot, turn, sportradar_id)

    def _sportradar_id(self, slot: _Slot, turn: int) -> str:
        first = 10_000_000 + self._seed * 7_919_337 % 30_000_000  # another seed, other matches, other ids
        shift = int(chance.uniform(self._seed, f"slot|{slot.number}") * _MATCHES_PER_SLOT)
        return str(first + slot.number * _MATCHES_PER_SLOT + (turn + shift) % _MATCHES_PER_SLOT)

    def _match(self, slot: _Slot, turn: int, sportradar_id: str) -> Match:
        name = f"match|{slot.number}|{turn}"
        first = int(chance.uniform(self._seed, f"{name}|home") * len(slot.clubs))
        step = 1 + int(chance.uniform(self._seed, f"{name}|away") * (len(slot.clubs) - 1))
        home, away = slot.clubs[first], slot.clubs[(first + step) % len(slot.clubs)]
        return Match(
            sportradar_id=sportradar_id,
            slot=slot.number,
            home=home,
            away=away,
            kickoff_at=_START + timedelta(seconds=slot.phase_s + turn * slot.period_s),
            country=slot.competition.country,
            competition=slot.competition.name,
            base=self._intensities(slot.competition, home, away),
            sport=self._sport(slot.number),
        )

    def _sport(self, slot: int) -> str:
        turn, place = divmod(slot, _FURTHER_SPORTS_EVERY)
        further = len(self._sports) - 1
        return self._sports[1 + turn % further] if further and place == 1 else self._sports[0]

    def _intensities(self, competition: SimulatedCompetition, home: str, away: str) -> Intensities:
        league = f"{competition.country}|{competition.name}"
        pace = 0.13 * chance.normal(self._seed, f"{league}|pace")
        lead = 0.5 * (self._strength(league, home) - self._strength(league, away))
        return Intensities(
            home=_bounded(1.42 * math.exp(pace + lead)), away=_bounded(1.12 * math.exp(pace - lead))
        )

    def _strength(self, league: str, club: str) -> float:
        return 0.5 * chance.normal(self._seed, f"{league}|{club}|strength")


def _bounded(goals: float) -> float:
    return min(max(goals, 0.3), 3.5)


def _slots(seed: int, count: int) -> tuple[_Slot, ...]:
    """Return the slots: the rhythms mixed evenly, their first kickoffs spread over each rhythm's period."""
    competitions = all_competitions()
    competitions = competitions[: max(1, min(len(competitions), math.ceil(count / _SLOTS_PER_COMPETITION)))]
    periods = [days for _, days in _RHYTHMS]
    of_rhythm = apportion(count, [share for share, _ in _RHYTHMS])
    rhythms = [
        (periods[kind], (place + 0.5) / places)
        for kind, places in enumerate(of_rhythm)
        for place in range(places)
    ]
    random.Random(seed).shuffle(rhythms)
    held = [0] * len(competitions)
    slots: list[_Slot] = []
    for number, (days, share) in enumerate(rhythms):
        place = _competition_of(number, len(competitions))
        clubs = competitions[place].clubs
        first = held[place] * _CLUBS_PER_SLOT % len(clubs)
        held[place] += 1
        period_s = days * 86_400
        phase_s = round(share * period_s / _KICKOFF_GRID_S) * _KICKOFF_GRID_S
        slots.append(
            _Slot(number, competitions[place], clubs[first : first + _CLUBS_PER_SLOT], period_s, phase_s)
        )
    return tuple(slots)


def _competition_of(number: int, competitions: int) -> int:
    # each competition has one slot before the more prominent half shares the rest
    return number if number < competitions else (number - competitions) % max(1, competitions // 2)


def apportion(total: int, shares: list[float]) -> list[int]:
    """
    Return whole numbers in these proportions that add up to the total (largest remainder).

    >>> apportion(10, [0.82, 0.1, 0.08])
    [8, 1, 1]
    """
    exact = [total * share / sum(shares) for share in shares]
    counts = [math.floor(number) for number in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return counts
