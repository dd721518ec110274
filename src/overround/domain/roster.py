"""Roster: the players of one event, each under one name at every bookmaker."""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import msgspec

from overround.domain.markets import Market, MarketKey, ParsedMarket, Player, shown_outcomes
from overround.domain.players import name_words, player_name

MAX_PLAYERS = 800  # spellings kept of one event, all bookmakers together; two squads at seven have some 400

# No proof that two names are one man's: particles of surnames, and what sons are called.
_WEAK = frozenset({
    "abu", "al", "ap", "ben", "bin", "bint", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "di",
    "do", "dos", "du", "e", "el", "filho", "ibn", "ii", "iii", "iv", "jnr", "jr", "junior", "la", "las", "le",
    "los", "mac", "mc", "neto", "san", "santa", "st", "ten", "ter", "van", "vande", "vanden", "ver", "von", "zu",
})  # fmt: skip

# One man whom no rule joins. Whole names only; the first is how it is read.
_ALIASES = {
    name_words(name): name_words(same)
    for same, name in (
        ("Dayot Upamecano", "Dayotchanculle Oswald Upamecano"),
        ("Thelo Aasgaard", "Thelonious Gerard Aasgaard"),
    )
}

_OURS = ""  # stands for a bookmaker: names shown before the process started

_Words = frozenset[str]
_Seen = tuple[str, Player]  # bookmaker, and the player as it writes him


class Joined(msgspec.Struct, frozen=True):
    """One answer's markets with every player under the event's name for him."""

    markets: dict[MarketKey, ParsedMarket]
    left_out: dict[str, int]  # market id -> outcomes whose player can't be told for sure, or that contradict
    renamed: frozenset[str]  # other bookmakers of whose players some are now called otherwise, or no longer


class Roster:
    """
    The players of one event, learned from the answers of its bookmakers.

    Who is whom is worked out anew from all spellings seen whenever one is added, so it does not depend on which
    bookmaker answered first; only what a man is called does: the first name shown stays. In this order:
    equal Sportradar ids are one man and different ids two; then equal words; then one name that contains the
    other with at least two telling words in common, if each could be nobody else. Never a surname alone, a
    position, a price or a likeness. In doubt he keeps the name he is already shown under, or is left out.
    """

    def __init__(self, settled: Callable[[], Iterable[Market]]) -> None:
        """Begin without players; `settled` returns the event's markets at all bookmakers, as known now."""
        self._settled = settled
        self._market_ids: set[str] = set()
        self._names: dict[_Seen, str] = {}  # our name, "" for a player who is left out
        self._shown: dict[_Words, str] = {}  # every name given so far; who has several is called by the first

    def join(self, bookmaker: str, markets: Iterable[ParsedMarket]) -> Joined:
        """Return one answer's markets under our names; those without players come back as they are."""
        answer = list(markets)
        ids = {market.key.market_id for market in answer if market.players}
        seen = dict.fromkeys((bookmaker, player) for m in answer for player in m.players if player)
        renamed = self._learn([*self._remembered(ids), *seen]) - {bookmaker, _OURS}
        joined: dict[MarketKey, ParsedMarket] = {}
        left_out: dict[str, int] = {}
        for market in answer:
            if not market.players:
                joined[market.key] = market
                continue
            ours, missing = self._renamed(bookmaker, market)
            if missing:
                left_out[market.key.market_id] = left_out.get(market.key.market_id, 0) + missing
            if ours.names:
                joined[market.key] = ours
        return Joined(joined, left_out, frozenset(renamed))

    def _remembered(self, market_ids: set[str]) -> list[_Seen]:
        """
        Return the players shown in these markets before the first answer that has them.

        Such a market is from before the start of the process: its names must not change, though the ids that led
        to them are forgotten.
        """
        new = market_ids - self._market_ids
        if not new:
            return []
        self._market_ids |= new
        markets = [market for market in self._settled() if market.key.market_id in new]
        names = dict.fromkeys(player_name(name) for market in markets for name, *_ in shown_outcomes(market))
        return [(_OURS, Player(name)) for name in names if name]

    def _learn(self, players: Iterable[_Seen]) -> set[str]:
        """Add what is new; return the bookmakers of whose known players one is called otherwise than before."""
        new = [seen for seen in players if seen not in self._names and name_words(seen[1].name)]
        new = new[: MAX_PLAYERS - len(self._names)]
        if not new:
            return set()
        before = self._names
        self._names = {**before, **dict.fromkeys(new, "")}
        older = {_words(player): player.name for bookmaker, player in new if bookmaker == _OURS}
        self._shown = older | {words: name for words, name in self._shown.items() if words not in older}
        self._give_names(_told_apart(_persons(self._names)))
        return {seen[0] for seen, name in before.items() if self._names[seen] != name}

    def _give_names(self, persons: Sequence["_Person"]) -> None:
        owners = {words: person for person in persons for words in person.spellings}
        for words, name in self._shown.items():
            owners[words].name = owners[words].name or name
        for person in persons:
            if person.namesake:
                person.name = ""
            elif not person.name and not person.doubtful:
                person.name = person.seen[0][1].name
                self._shown[_words(person.seen[0][1])] = person.name
            self._names.update(dict.fromkeys(person.seen, person.name))

    def _renamed(self, bookmaker: str, market: ParsedMarket) -> tuple[ParsedMarket, int]:
        """Return the market under our names and how many of its outcomes are missing there."""
        offers: dict[str, list[int]] = {}
        for position, (name, player) in enumerate(zip(market.names, market.players, strict=True)):
            ours = name if player is None else self._outcome(bookmaker, name, player)
            if ours:
                offers.setdefault(ours, []).append(position)
        kept = {ours: places[0] for ours, places in offers.items() if _agree(market, places)}
        represented = sum(len(offers[ours]) for ours in kept)
        renamed = msgspec.structs.replace(
            market,
            names=tuple(kept),
            odds_milli=tuple(market.odds_milli[position] for position in kept.values()),
            suspended=_picked(market.suspended, kept.values()),
            dormant=_picked(market.dormant, kept.values()),
            players=(),
        )
        return renamed, len(market.names) - represented

    def _outcome(self, bookmaker: str, name: str, player: Player) -> str:
        ours = self._names.get((bookmaker, player), "")
        return ours + name[len(player.name) :] if ours and name.startswith(player.name) else ""


class _Person:
    """One man, as far as ids and equal words tell."""

    def __init__(self) -> None:
        self.sportradar_id = self.name = ""
        self.spellings: set[_Words] = set()
        self.bookmakers: set[str] = set()
        self.seen: list[_Seen] = []
        self.namesake = False  # another id claims his name, too: it names nobody
        self.doubtful = False  # several could be he, or he several: joined with nobody by likeness

    def add(self, seen: _Seen, spelling: _Words) -> None:
        self.seen.append(seen)
        self.bookmakers.add(seen[0])
        self.spellings.add(spelling)
        self.sportradar_id = self.sportradar_id or seen[1].sportradar_id

    def absorb(self, other: "_Person") -> None:
        self.seen += other.seen
        self.bookmakers |= other.bookmakers
        self.spellings |= other.spellings
        self.sportradar_id = self.sportradar_id or other.sportradar_id

    def may_be(self, other: "_Person") -> bool:
        """Return whether nothing speaks against it and one name contains the other; a bookmaker lists a man once."""
        if self.bookmakers & other.bookmakers or (self.sportradar_id and other.sportradar_id):
            return False
        return any(_nested(mine, theirs) for mine in self.spellings for theirs in other.spellings)


def _persons(seen: Iterable[_Seen]) -> list[_Person]:
    """Return who is one by id, else by equal words."""
    claims: dict[_Words, set[str]] = {}
    for _, player in seen:
        if player.sportradar_id:
            claims.setdefault(_words(player), set()).add(player.sportradar_id)
    persons: dict[str | _Words, _Person] = {}
    for bookmaker, player in seen:
        words = _words(player)
        ids = claims.get(words, set[str]())
        identity = player.sportradar_id or (next(iter(ids)) if len(ids) == 1 else words)
        person = persons.setdefault(identity, _Person())
        person.add((bookmaker, player), words)
        person.namesake |= len(ids) > 1
    return list(persons.values())


def _told_apart(persons: Sequence[_Person]) -> list[_Person]:
    """Join whose names contain each other where it is certain; mark the others of such a group as doubtful."""
    neighbours = _neighbours(persons)
    apart: list[_Person] = []
    done: set[int] = set()
    for start in range(len(persons)):
        if start in done:
            continue
        group = _reach(start, neighbours)
        done.update(group)
        members = [persons[number] for number in group]
        everybody_is_one = all(len(neighbours[number]) == len(group) - 1 for number in group)
        if everybody_is_one and not any(member.namesake for member in members):
            for other in members[1:]:
                members[0].absorb(other)
            apart.append(members[0])
        else:
            for member in members:
                member.doubtful = True
            apart += members
    return apart


def _neighbours(persons: Sequence[_Person]) -> list[set[int]]:
    """Return for each person who else he may be; only those who share two telling words are compared."""
    neighbours: list[set[int]] = [set() for _ in persons]
    sharing: dict[tuple[str, str], set[int]] = {}
    for number, person in enumerate(persons):
        for pair in {pair for words in person.spellings for pair in combinations(sorted(_telling(words)), 2)}:
            for other in sharing.setdefault(pair, set()):
                if other not in neighbours[number] and person.may_be(persons[other]):
                    neighbours[number].add(other)
                    neighbours[other].add(number)
            sharing[pair].add(number)
    return neighbours


def _reach(start: int, neighbours: Sequence[set[int]]) -> list[int]:
    """Return who hangs together with `start`, in the order of numbers."""
    reached, waiting = {start}, [start]
    while waiting:
        new = neighbours[waiting.pop()] - reached
        reached |= new
        waiting += new
    return sorted(reached)


def _nested(one: _Words, other: _Words) -> bool:
    small, large = sorted((one, other), key=len)
    return small <= large and len(_telling(small)) >= 2


def _telling(words: _Words) -> _Words:
    """Return the words that speak for a man: no initials, particles or "Junior"."""
    return frozenset(word for word in words if len(word) > 1) - _WEAK


def _words(player: Player) -> _Words:
    words = name_words(player.name)
    return _ALIASES.get(words, words)


def _agree(market: ParsedMarket, places: Sequence[int]) -> bool:
    """Return whether all these outcomes, which have one name, say the same."""
    if len(places) == 1:
        return True
    said = {(market.odds_milli[i], market.suspended >> i & 1, market.dormant >> i & 1) for i in places}
    return len(said) == 1


def _picked(mask: int, positions: Iterable[int]) -> int:
    return sum((mask >> position & 1) << place for place, position in enumerate(positions))
