"""Any prices that a feed bookmaker could have, for the way through its simulator and back."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import strategies as st

from overround.bookmakers.base import Quote, SimulatedPlayer
from overround.config import packaged_catalogue
from overround.domain.catalogue import BookRule, MarketType
from overround.domain.markets import MarketKey, ParsedMarket, Player, plain_line

Quotes = Mapping[MarketKey, Mapping[str, Quote]]

PLAYERS = (
    SimulatedPlayer("Kylian Mbappe", "796046", "home"),
    SimulatedPlayer("N'Golo Kante", "228364", "away"),
    SimulatedPlayer("Carlinhos", "1006665", "home"),
    SimulatedPlayer("Jose Maria Gutierrez-Lopez", "55", "away"),
)


def market_types(code: str, sport: str) -> list[MarketType]:
    """Return what a bookmaker has, but for markets whose first id feeds a second one of ours too."""
    kinds = [kind for kind in packaged_catalogue().types if kind.sport == sport and code in kind.books]
    fed = Counter(identity for kind in kinds for identity in _identities(kind.books[code]))
    return [kind for kind in kinds if fed[_identities(kind.books[code])[0]] == 1]


@st.composite
def any_quotes(draw: st.DrawFn, code: str, sport: str = "football", most: int = 8) -> Quotes:
    """Return prices of up to `most` (market, line) pairs, some outcomes locked, some left out."""
    quotes: dict[MarketKey, Mapping[str, Quote]] = {}
    for kind in draw(st.lists(st.sampled_from(market_types(code, sport)), min_size=1, max_size=most)):
        rule = kind.books[code]
        key = MarketKey(kind.id, draw(_lines(kind, rule)))
        quotes[key] = draw(
            st.dictionaries(st.sampled_from(_names(kind, rule, key.line)), _a_quote, min_size=1)
        )
    return quotes


def one_of_each(code: str, sport: str = "football") -> Quotes:
    """Return every market type of a bookmaker at one line, every outcome priced."""
    quotes: dict[MarketKey, Mapping[str, Quote]] = {}
    for kind in market_types(code, sport):
        rule = kind.books[code]
        line = "1" if kind.param else ""
        if rule.fixed_lines and len(rule.fixed_lines) == len(rule.ids):
            line = next(iter(rule.fixed_lines.values()))
        names = _names(kind, rule, line)
        quotes[MarketKey(kind.id, line)] = {name: Quote(1500 + 10 * n) for n, name in enumerate(names)}
    return quotes


def markets_of(quotes: Quotes, sport: str = "football") -> dict[MarketKey, ParsedMarket]:
    """Return what a parser must make of a body that says exactly `quotes`; players stand in the order of names."""
    catalogue = packaged_catalogue()
    markets: dict[MarketKey, ParsedMarket] = {}
    for key, offered in quotes.items():
        kind = catalogue.find(key.market_id, sport)
        assert kind is not None
        names = tuple(sorted(offered)) if kind.names_players else kind.outcomes
        said = [offered.get(name, Quote(0)) for name in names]
        markets[key] = ParsedMarket(
            key,
            names,
            tuple(quote.odds_milli for quote in said),
            sum(quote.suspended << bit for bit, quote in enumerate(said)),
            players=tuple(_player(name) for name in names) if kind.names_players else (),
        )
    return markets


def in_name_order(markets: Mapping[MarketKey, ParsedMarket]) -> dict[MarketKey, ParsedMarket]:
    """Return the markets with players sorted by name, for comparing whatever the order of a body."""
    return {key: _sorted(market) if market.players else market for key, market in markets.items()}


def _sorted(market: ParsedMarket) -> ParsedMarket:
    order = sorted(range(len(market.names)), key=market.names.__getitem__)
    return ParsedMarket(
        market.key,
        tuple(market.names[i] for i in order),
        tuple(market.odds_milli[i] for i in order),
        sum((market.suspended >> i & 1) << place for place, i in enumerate(order)),
        dormant=sum((market.dormant >> i & 1) << place for place, i in enumerate(order)),
        players=tuple(market.players[i] for i in order),
    )


_a_quote = st.builds(Quote, st.integers(202, 20_000).map(lambda fifths: 5 * fifths), st.booleans())


def _identities(rule: BookRule) -> list[tuple[str, str]]:
    first, *others = rule.ids
    return [(first, repr(sorted(rule.only.items()))), *((other, "[]") for other in others)]


def _lines(kind: MarketType, rule: BookRule) -> st.SearchStrategy[str]:
    if not kind.param:
        return st.just("")
    if rule.fixed_lines and len(rule.fixed_lines) == len(rule.ids):
        return st.sampled_from(sorted(rule.fixed_lines.values()))
    first = -12 if kind.is_handicap else 1
    return st.integers(first, 30).map(lambda steps: plain_line(steps * kind.grid))


def _names(kind: MarketType, rule: BookRule, line: str) -> list[str]:
    their_id = next(each for each in rule.ids if rule.fixed_lines.get(each, line) == line)
    if kind.kind == "player-ladder":
        return [f"{player.name} {step}+" for player in PLAYERS for step in (1, 2, 12)]
    names = list(dict.fromkeys(rule.ids[their_id].values()))
    return names + [player.name for player in PLAYERS] if kind.names_players else names


def _player(name: str) -> Player | None:
    for player in PLAYERS:
        if name == player.name or name.startswith(f"{player.name} "):
            return Player(player.name, player.sportradar_id)
    return None
