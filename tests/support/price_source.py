"""A world that stands still: fixed events and fixed quotes, for rendering a bookmaker's bodies in tests."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from overround.bookmakers.base import Quote, SimulatedEvent, SimulatedPlayer
from overround.config import packaged_catalogue
from overround.domain.markets import MarketKey, ParsedMarket
from tests.support.clock import START

Quotes = Mapping[MarketKey, Mapping[str, Quote]]


class FixedSource:
    """A `PriceSource` whose parts are what the test puts there; attributes may be changed between requests."""

    def __init__(
        self,
        events: Sequence[SimulatedEvent],
        quotes: Quotes | None = None,
        filler: int = 0,
        now: datetime = START,
        volatile: str = "",
    ) -> None:
        """Price every event with `quotes` (default: the catalogue's seven markets), unless `own_quotes` has it."""
        self.listed = list(events)
        self.shared_quotes = seven_markets() if quotes is None else quotes
        self.own_quotes: dict[str, Quotes] = {}  # event_id -> quotes that stand in for the shared ones
        self.filler, self.at, self.changing = filler, now, volatile
        self.squads: list[SimulatedPlayer] = []

    def now(self) -> datetime:
        return self.at

    def events(self, bookmaker: str) -> Sequence[SimulatedEvent]:
        return self.listed

    def event(self, bookmaker: str, event_id: str) -> SimulatedEvent | None:
        return next((event for event in self.listed if event.event_id == event_id), None)

    def quotes(self, bookmaker: str, event: SimulatedEvent) -> Quotes:
        return self.own_quotes.get(event.event_id, self.shared_quotes)

    def players(self, event: SimulatedEvent) -> Sequence[SimulatedPlayer]:
        return self.squads

    def filler_groups(self, bookmaker: str, event: SimulatedEvent) -> int:
        return self.filler

    def volatile(self) -> str:
        return self.changing


def simulated_events(
    count: int,
    own_id: Callable[[str], str],
    first_kickoff: datetime = START + timedelta(hours=2),
    every: timedelta = timedelta(minutes=15),
    competitions: int = 3,
) -> list[SimulatedEvent]:
    """Return football events spread over a few competitions of two countries, kicking off one after the other."""
    return [
        SimulatedEvent(
            sportradar_id=str(69_000_000 + number),
            event_id=own_id(str(69_000_000 + number)),
            home=f"Home {number}",
            away=f"Away {number}",
            kickoff_at=first_kickoff + every * number,
            country=("Nigeria", "England")[number % competitions % 2],
            competition=f"League {number % competitions}",
        )
        for number in range(count)
    ]


def seven_markets(shift: int = 0) -> dict[MarketKey, dict[str, Quote]]:
    """
    Return prices of the catalogue's first seven markets, several lines each, all in hundredths.

    `shift` (hundredths) moves every price, so that two calls differ everywhere. Both teams to score at "No"
    is locked, and so is the whole of over/under 4.5.
    """

    def prices(*hundredths: int) -> list[Quote]:
        return [Quote((price + shift) * 10) for price in hundredths]

    def named(names: str, quotes: list[Quote]) -> dict[str, Quote]:
        return dict(zip(names.split(), quotes, strict=True))

    def locked(hundredths: int) -> Quote:
        return Quote((hundredths + shift) * 10, suspended=True)

    return {
        MarketKey("3743"): named("1 X 2", prices(241, 329, 302)),
        MarketKey("4693"): named("1X X2 12", prices(139, 156, 134)),
        MarketKey("3795"): {"Yes": prices(172)[0], "No": locked(205)},
        MarketKey("5000", "0.5"): named("Over Under", prices(107, 1150)),
        MarketKey("5000", "1.5"): named("Over Under", prices(129, 348)),
        MarketKey("5000", "2.5"): named("Over Under", prices(189, 191)),
        MarketKey("5000", "3"): named("Over Under", prices(261, 148)),
        MarketKey("5000", "4.5"): {"Over": locked(620), "Under": locked(112)},
        MarketKey("4703"): named("1 2", prices(172, 210)),
        MarketKey("3774", "-0.5"): named("1 2", prices(232, 154)),
        MarketKey("3774", "0.5"): named("1 2", prices(138, 286)),
        MarketKey("3774", "-1.5"): named("1 2", prices(410, 122)),
        MarketKey("4724", "-1"): named("1 X 2", prices(472, 423, 151)),
        MarketKey("4724", "1"): named("1 X 2", prices(141, 444, 590)),
        MarketKey("4724", "-2"): named("1 X 2", prices(980, 690, 117)),
    }


def expected_markets(quotes: Quotes, shows_locked_prices: bool) -> dict[MarketKey, ParsedMarket]:
    """
    Return what a parser must make of a body that says exactly `quotes`.

    `shows_locked_prices`: whether the bookmaker prints a price beside what it has locked (BetPawa prints 0).
    """
    catalogue = packaged_catalogue()
    expected: dict[MarketKey, ParsedMarket] = {}
    for key, outcomes in quotes.items():
        kind = catalogue.find(key.market_id)
        assert kind is not None
        said = [outcomes.get(name, Quote(0)) for name in kind.outcomes]
        expected[key] = ParsedMarket(
            key=key,
            names=kind.outcomes,
            odds_milli=tuple(
                0 if quote.suspended and not shows_locked_prices else quote.odds_milli for quote in said
            ),
            suspended=sum(1 << bit for bit, quote in enumerate(said) if quote.suspended),
        )
    return expected
