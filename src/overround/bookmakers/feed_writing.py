"""Our markets in the words of the shared feed, as the simulators of its bookmakers write them."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from overround.bookmakers.base import Quote, SimulatedPlayer
from overround.domain.catalogue import BookRule, MarketType
from overround.domain.markets import MarketKey


class WrittenOutcome(msgspec.Struct, frozen=True, gc=False):
    """One outcome under the feed's id."""

    id: str
    name: str  # ours
    quote: Quote
    text: str = ""  # how it reads where it names a player


class WrittenMarket(msgspec.Struct, frozen=True):
    """One market of ours at one line, under the feed's id and specifier."""

    id: str
    specifier: str  # "" when the market has none
    kind: MarketType
    line: str
    outcomes: tuple[WrittenOutcome, ...]  # in the order of their ids in the catalogue

    @property
    def is_locked(self) -> bool:
        """Return whether every outcome is."""
        return all(outcome.quote.suspended for outcome in self.outcomes)


def written_market(
    kind: MarketType,
    rule: BookRule,
    key: MarketKey,
    quotes: Mapping[str, Quote],
    players: Mapping[str, SimulatedPlayer],
    separator: str = "|",
) -> WrittenMarket:
    """
    Return a market as the feed writes it; players are named by their bare Sportradar id.

    Raises:
        KeyError: The bookmaker has no id for this line, or a quote names neither an outcome nor a player.
    """
    their_id = _their_id(rule, key)
    given = dict(rule.only)
    if kind.param and their_id not in rule.fixed_lines:
        given[kind.param] = _line_text(kind, key.line)
    return WrittenMarket(
        id=their_id,
        specifier=separator.join(f"{name}={value}" for name, value in given.items()),
        kind=kind,
        line=key.line,
        outcomes=tuple(_outcomes(kind, rule.ids[their_id], quotes, players)),
    )


def merged(markets: Iterable[WrittenMarket]) -> list[WrittenMarket]:
    """
    Return the markets by their id, lines of one id together; what stands under one id and specifier is one market.

    Two rows of ours may be fed by one market of theirs: correct score with and without "Other" is 45 in the feed.
    """
    by_id: dict[str, dict[str, WrittenMarket]] = {}
    for market in markets:
        lines = by_id.setdefault(market.id, {})
        known = lines.get(market.specifier)
        if known is not None:
            outcomes = {outcome.id: outcome for outcome in (*market.outcomes, *known.outcomes)}
            market = msgspec.structs.replace(known, outcomes=tuple(outcomes.values()))
        lines[market.specifier] = market
    return [market for lines in by_id.values() for market in lines.values()]


def _their_id(rule: BookRule, key: MarketKey) -> str:
    for their_id in rule.ids:
        if rule.fixed_lines.get(their_id, key.line) == key.line:
            return their_id
    raise KeyError(f"no id for {key}")


def _line_text(kind: MarketType, line: str) -> str:
    """Return a line as the feed writes it: a three-way handicap is a head start, "-1" is 0:1."""
    if kind.kind != "handicap-3way":
        return line
    goals = int(line)
    return f"{max(goals, 0)}:{max(-goals, 0)}"


def _outcomes(
    kind: MarketType,
    names: Mapping[str, str],
    quotes: Mapping[str, Quote],
    players: Mapping[str, SimulatedPlayer],
) -> Iterator[WrittenOutcome]:
    ids: dict[str, str] = {}
    for outcome_id, name in names.items():
        ids.setdefault(name, outcome_id)  # of two feed variants the preferred one
    for name, outcome_id in ids.items():
        if name in quotes:
            yield WrittenOutcome(outcome_id, name, quotes[name])
    for name, quote in quotes.items():
        if name not in ids:
            if not kind.names_players:
                raise KeyError(f"{kind.id} has no outcome {name}")
            yield WrittenOutcome(players[name].sportradar_id, name, quote)
