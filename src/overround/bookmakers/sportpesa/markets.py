"""SportPesa's market ids and short outcome names to ours: the catalogue's rules, resolved once into tables."""

from overround.domain.catalogue import BookRule, Catalogue, MarketType
from overround.domain.markets import MarketKey

CODE = "sportpesa"


class MarketRule:
    """One catalogue row as SportPesa writes it: short outcome name -> position, spec value -> key."""

    def __init__(self, kind: MarketType, rule: BookRule, their_id: str) -> None:
        self.names = kind.outcomes
        self.slots = {theirs: kind.outcomes.index(ours) for theirs, ours in rule.ids[their_id].items()}
        self.market_id, self._has_line = kind.id, bool(kind.param)

    def key(self, line: str) -> MarketKey:
        """
        Return the market's key at a spec value in plain text, which is the line seen from the home side.

        The 3-way handicap "1 (0:1)" and the 2-way "[-1.00]" of the home team both have -1. Source: payloads:
        sportpesa/markets.json.

        Raises:
            ValueError: A line where the market has none.
        """
        if self._has_line:
            return MarketKey(self.market_id, line)
        if line != "0":
            raise ValueError(f"a line {line} where the market has none")
        return MarketKey(self.market_id)


class MarketTable:
    """The rules by (sport, market id); one market of theirs may feed several of ours."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._by_sport: dict[str, dict[str, list[MarketRule]]] = {}
        for (sport, their_id), fed in catalogue.rules(CODE).items():
            rules = [MarketRule(kind, rule, their_id) for kind, rule in fed]
            self._by_sport.setdefault(sport, {})[their_id] = rules

    def of(self, sport: str) -> dict[str, list[MarketRule]]:
        """Return market id -> rules of one sport, empty for a sport without any."""
        return self._by_sport.get(sport, {})
