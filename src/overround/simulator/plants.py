"""Planted cases: in some matches the 1X2 of the main three bookmakers follows a script that a desk has to find."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import msgspec

from overround.bookmakers.base import Quote
from overround.domain.markets import MarketKey
from overround.simulator import chance
from overround.simulator.calendar import Match

PlantKind = Literal["surebet", "steam", "gap", "withdrawal"]
PLANT_KINDS: tuple[PlantKind, ...] = get_args(PlantKind)
PLANTED_MARKET = MarketKey("3743")
PHASE_S = 300  # quiet for so long, then on for so long, everywhere at once

_Prices = tuple[int, int, int]  # 1, X, 2, on every bookmaker's ladder

_QUIET: Mapping[str, _Prices] = {
    "betpawa": (2_400, 3_300, 3_000),
    "sportybet": (2_400, 3_300, 3_000),
    "bet9ja": (2_400, 3_300, 3_000),
}
# What differs while it is on; None: the market is not offered.
_ON: Mapping[PlantKind, Mapping[str, _Prices | None]] = {
    # 1/2.45 + 1/3.60 + 1/3.40 = 0.980: one leg at each of the three
    "surebet": {
        "betpawa": (2_200, 3_600, 3_100),
        "sportybet": (2_450, 3_200, 3_000),
        "bet9ja": (2_300, 3_200, 3_400),
    },
    # both competitors lower 1 by 8.3 %, BetPawa does not follow
    "steam": {"sportybet": (2_200, 3_300, 3_400), "bet9ja": (2_200, 3_300, 3_400)},
    # BetPawa's X is 9.1 % above both others, and nothing crosses
    "gap": {"betpawa": (2_350, 3_600, 2_900)},
    "withdrawal": {"bet9ja": None},
}


class Plant(msgspec.Struct, frozen=True):
    """A match with a script, as the simulator's `/_planted` tells it."""

    sportradar_id: str
    kind: PlantKind
    market_id: str
    line: str
    on: bool
    since: float  # world time in seconds at which it became so
    until: float


class Plants:
    """Which matches follow a script, and what it says; a function of seed, match and time."""

    def __init__(
        self, seed: int, share: float = 0.0, is_everywhere: Callable[[int], bool] = lambda _: True
    ) -> None:
        """
        Plant that share of the matches that all of the main three list.

        Args:
            is_everywhere: Says it of a slot.
        """
        self._seed, self._share, self._is_everywhere = seed, share, is_everywhere

    def kind_of(self, match: Match) -> PlantKind | None:
        """Return a match's script, None for most."""
        if not self._share or match.sport != "football" or not self._is_everywhere(match.slot):
            return None
        if chance.uniform(self._seed, f"{match.sportradar_id}|planted") >= self._share:
            return None
        draw = chance.uniform(self._seed, f"{match.sportradar_id}|plant")
        return PLANT_KINDS[int(draw * len(PLANT_KINDS))]

    def of(self, match: Match, seconds: float) -> Plant | None:
        """Return a match's script as it stands at a time."""
        kind = self.kind_of(match)
        if kind is None:
            return None
        phase = phase_at(seconds)
        return Plant(
            match.sportradar_id, kind, PLANTED_MARKET.market_id, PLANTED_MARKET.line, phase % 2 == 1,
            phase * PHASE_S, (phase + 1) * PHASE_S,
        )  # fmt: skip

    def quotes(self, bookmaker: str, match: Match, seconds: float) -> Mapping[str, Quote] | None:
        """Return a bookmaker's planted 1X2, empty while it is withdrawn; None where nothing is planted."""
        plant = self.of(match, seconds)
        if plant is None or bookmaker not in _QUIET:
            return None
        prices = _ON[plant.kind].get(bookmaker, _QUIET[bookmaker]) if plant.on else _QUIET[bookmaker]
        return {name: Quote(odds) for name, odds in zip(("1", "X", "2"), prices or (), strict=False)}


def phase_at(seconds: float) -> int:
    """
    Return the number of the phase; scripts are on in odd ones.

    >>> phase_at(0.0), phase_at(299.9), phase_at(300.0)
    (0, 0, 1)
    """
    return int(seconds // PHASE_S)
