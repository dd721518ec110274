"""Roster: every bookmaker's players under one name, and never two men under the same."""

import json
from collections.abc import Iterable, Sequence
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.domain.markets import Market, MarketKey, ParsedMarket, Player
from overround.domain.players import name_words, player_name
from overround.domain.roster import MAX_PLAYERS, Joined, Roster
from overround.domain.settle import settle
from tests.support.clock import START
from tests.support.payloads import needs_payloads, payload

SCORERS = "129109"

# Source: markets.csv, outcomes_seen of 129109 and 28000816, France v Norway, captured July 2026.
BETPAWA = [
    "Kylian Sanmi Mbappe Lottin", "Erling Braut Haaland", "Masour Ousmane Dembele", "Jean-Philippe Mateta",
    "Marcus Lilian Thuram Ulien", "Desire Nonka Maho Doue", "Michael Akpovie Olise", "Bradley Barcola",
    "Mathis Rayan Cherki", "Jorgen Strand Larsen", "Maghnes Akliouche", "Alexander Sorloth", "Jens Hauge",
    "Antonio Nusa", "Adrien Rabiot", "Kristian Thorstvedt", "Andreas Schjelderup", "Oscar Bobb",
    "Warren Zaire-Emery", "N'Golo Kante", "Martin Odegaard", "Theo Hernandez", "Manu Kone", "Patrick Berg",
    "Malo Gusto", "Fredrik Aursnes", "Aurelien Djani Tchouameni", "Jules Kounde", "Lucas Digne",
    "Dayotchanculle Oswald Upamecano", "Lucas Francois Bernard Hernandez", "William Saliba", "Sander Berge",
    "David Moller Wolfe", "Marcus Pedersen", "Julian Ryerson", "Leo Ostigard",
]  # fmt: skip
SPORTYBET = {
    "96538": "Digne, Lucas (France) 1+", "228364": "Aursnes, Fredrik (Norway) 1+",
    "234148": "Kante, N'Golo (France) 1+", "250737": "Rabiot, Adrien (France) 1+",
    "309078": "Sorloth, Alexander (Norway) 1+", "355174": "Berg, Patrick (Norway) 1+",
    "361350": "Dembele, Ousmane (France) 1+", "545970": "Thuram, Marcus (France) 1+",
    "547410": "Odegaard, Martin (Norway) 1+", "566232": "Berge, Sander (Norway) 1+",
    "576384": "Ajer, Kristoffer (Norway) 1+", "769139": "Upamecano, Dayot (France) 1+",
    "772113": "Hernandez, Theo (France) 1+", "796046": "Mbappe, Kylian (France) 1+",
    "862396": "Ryerson, Julian (Norway) 1+", "936650": "Ostigard, Leo (Norway) 1+",
    "940560": "Kounde, Jules (France) 1+", "984273": "Hauge, Jens Petter (Norway) 1+",
    "991181": "Haaland, Erling (Norway) 1+", "1027583": "Mateta, Jean-Philippe (France) 1+",
    "1060801": "Heggem, Torbjorn (Norway) 1+", "1065792": "Strand Larsen, Jorgen (Norway) 1+",
    "1070898": "Tchouameni, Aurelien (France) 1+", "1407141": "Thorstvedt, Kristian (Norway) 1+",
    "1480586": "Holmgren Pedersen, Marcus (Norway) 1+", "1513599": "Saliba, William (France) 1+",
    "1601352": "Cherki, Rayan (France) 1+", "1693879": "Kone, Manu (France) 1+",
    "1717779": "Olise, Michael (France) 1+", "1724924": "Moller Wolfe, David (Norway) 1+",
    "1948356": "Barcola, Bradley (France) 1+", "1948364": "Gusto, Malo (France) 1+",
    "1956474": "Bobb, Oscar (Norway) 1+", "2044393": "Schjelderup, Andreas (Norway) 1+",
    "2160154": "Nusa, Antonio (Norway) 1+", "2238030": "Akliouche, Maghnes (France) 1+",
    "2256607": "Zaire-Emery, Warren (France) 1+", "2304851": "Doue, Desire (France) 1+",
}  # fmt: skip


def nobody() -> list[Market]:
    return []


def market(players: Sequence[Player | None], odds: Sequence[int] = (), line: str = "") -> ParsedMarket:
    """Return one market of these players, None for "No Goal"; prices 2.001, 2.002, … unless given."""
    return ParsedMarket(
        MarketKey(SCORERS, line),
        tuple(player.name if player else "No Goal" for player in players),
        tuple(odds) or tuple(range(2001, 2001 + len(players))),
        players=tuple(players),
    )


def named(roster: Roster, bookmaker: str, *players: str | Player) -> list[str]:
    """Return what each of an answer's players is called, "" for who is left out; each has his own market."""
    read = [Player(player) if isinstance(player, str) else player for player in players]
    markets = [market([player], line=str(number)) for number, player in enumerate(read)]
    joined = roster.join(bookmaker, markets).markets
    return [joined[m.key].names[0] if m.key in joined else "" for m in markets]


def settled(*joined: Joined) -> list[Market]:
    """Return the markets as the cache keeps them: names and prices, no ids."""
    return [m for answer in joined for m in settle({}, answer.markets.values(), START).values()]


def test_a_real_match_is_joined_without_a_wrong_pair():
    """38 players with ids and 37 legal names: who is at both bookmakers has one name, nobody else has it."""
    roster = Roster(nobody)
    ours = dict(zip(BETPAWA, named(roster, "betpawa", *BETPAWA), strict=True))
    theirs = [Player(player_name(text), number) for number, text in SPORTYBET.items()]
    found = {p.name: name for p, name in zip(theirs, named(roster, "sportybet", *theirs), strict=True)}
    assert ours == {name: name for name in BETPAWA}
    assert found["Kylian Mbappe"] == "Kylian Sanmi Mbappe Lottin"
    assert found["Jens Petter Hauge"] == "Jens Hauge"
    assert found["Theo Hernandez"] == "Theo Hernandez"
    assert found["Dayot Upamecano"] == "Dayotchanculle Oswald Upamecano"  # by the hand-kept list
    assert {name for name in found if found[name] == name} - set(BETPAWA) == {
        "Kristoffer Ajer",
        "Torbjorn Heggem",
    }
    assert set(BETPAWA) - set(found.values()) == {"Lucas Francois Bernard Hernandez"}
    assert len(set(found.values())) == len(found)


ORDERS = [
    pytest.param(order, marks=needs_payloads) for order in permutations(("betpawa", "sportybet", "msport"))
]


def scorers(bookmaker: str) -> ParsedMarket:
    """Return the anytime scorers of a captured answer, read without the bookmaker's parser."""
    event = json.loads(payload(bookmaker, "prematch.json"))
    if bookmaker == "betpawa":
        (rows,) = (m["row"] for m in event["markets"] if m["marketType"]["id"] == "129108")
        prices = [price for row in rows for price in row["prices"]]
        read = [(Player(player_name(price["name"])), price["price"]) for price in prices]
    else:
        (outcomes,) = (m["outcomes"] for m in event["data"]["markets"] if str(m["id"]) == "40")
        read = [
            (Player(player_name(o.get("desc") or o["description"]), o["id"].rpartition(":")[2]), o["odds"])
            for o in outcomes
            if o["id"].startswith("sr:player:")
        ]
    return market([player for player, _ in read], [round(float(odds) * 1000) for _, odds in read])


@pytest.mark.parametrize("order", ORDERS)
def test_the_captured_match_is_joined_whole_and_its_prices_agree(order):
    """All 49 scorers of one match are found at three bookmakers; whom names alone join have one price within 5 %."""
    roster, odds = Roster(nobody), {}
    for bookmaker in order:
        joined = roster.join(bookmaker, [scorers(bookmaker)])
        assert not joined.left_out and not joined.renamed
        (ours,) = joined.markets.values()
        odds[bookmaker] = dict(zip(ours.names, ours.odds_milli, strict=True))
    assert len(odds["betpawa"]) == 49
    assert odds["betpawa"].keys() == odds["sportybet"].keys() == odds["msport"].keys()
    assert all(abs(price / odds["sportybet"][name] - 1) < 0.05 for name, price in odds["betpawa"].items())


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("Kylian Sanmi Mbappe Lottin", "Kylian Mbappe", True),
        ("Thelonious Gerard Aasgaard", "Thelo Aasgaard", True),  # by the hand-kept list
        ("Thelonious Aasgaard", "Thelo Aasgaard", False),  # which holds whole names only
        ("Carlinhos", "Carlinhos", True),
        ("Neymar", "Neymar da Silva Santos", False),
        ("Wei Zhang", "Zhang Wei", True),
        ("Lucas Hernandez", "Theo Hernandez", False),
        ("Juan Carlos Rodriguez Perez", "Juan Carlos Gomez Perez", False),
        ("Carlos Rodriguez", "Carlos Rodrigues", False),
        ("De Jong", "Frenkie de Jong", False),
        ("J Silva", "J P Silva", False),
        ("Vitor Junior", "Vitor Hugo Junior", False),
    ],
)
def test_two_names_are_one_man_only_when_two_telling_words_say_so(ours, theirs, same):
    """Never by surname, particle, initial, order or likeness alone; whichever came first."""
    for first, second in ((ours, theirs), (theirs, ours)):
        roster = Roster(nobody)
        named(roster, "betpawa", first)
        assert named(roster, "betika", second) == [first if same else second]


def test_the_first_name_stays_whoever_comes_later():
    """Names that are settled do not change: history would break."""
    roster = Roster(nobody)
    named(roster, "sportybet", Player("Kylian Mbappe", "796046"))
    named(roster, "betpawa", "Kylian Sanmi Mbappe Lottin")
    assert named(roster, "betway", Player("K. Mbappe-Lottin", "796046")) == ["Kylian Mbappe"]
    assert named(roster, "betpawa", "Kylian Sanmi Mbappe Lottin") == ["Kylian Mbappe"]


def test_ids_win_over_names():
    """Equal ids are one man however he is written, different ids are two however alike."""
    roster = Roster(nobody)
    named(roster, "sportybet", Player("Hulk", "1"), Player("Jens Hauge", "2"))
    assert named(roster, "msport", Player("Givanildo Vieira", "1"), Player("Jens Petter Hauge", "3")) == [
        "Hulk",
        "Jens Petter Hauge",
    ]


def test_a_name_that_two_ids_claim_names_nobody():
    """Two men of one name can't be told apart by whoever gives no id, nor after a restart: both are left out."""
    roster = Roster(nobody)
    twins = (Player("Carlos Rodriguez", "1"), Player("Carlos Rodriguez", "2"))
    assert named(roster, "sportybet", *twins, Player("Uriel Antuna", "3")) == ["", "", "Uriel Antuna"]
    assert named(roster, "betpawa", "Carlos Rodriguez", "Juan Carlos Rodriguez") == ["", ""]
    assert named(roster, "msport", twins[0]) == [""]


def test_a_name_of_two_men_is_not_joined_with_a_longer_one_either():
    """SportyBet's third Carlos Rodriguez may be one of its two; MSport's Juan Carlos is neither."""
    roster = Roster(nobody)
    assert named(roster, "msport", Player("Juan Carlos Rodriguez", "3")) == ["Juan Carlos Rodriguez"]
    men = [Player("Carlos Rodriguez", number) for number in ("1", "2", "")]
    assert named(roster, "sportybet", *men) == ["", "", ""]


def test_a_surname_proven_by_id_joins_nobody_else():
    """Two names that share two words, of which only a surname stands in both whole, are two men."""
    roster = Roster(nobody)
    named(roster, "sportybet", Player("Jens Petter Hauge", "1"))
    assert named(roster, "msport", Player("Hauge", "1")) == ["Jens Petter Hauge"]
    assert named(roster, "betpawa", "Ole Petter Hauge") == ["Ole Petter Hauge"]


def test_two_of_theirs_that_claim_one_of_ours_are_left_out():
    """Exactly one candidate in both directions; who is shown already stays."""
    roster = Roster(nobody)
    assert named(roster, "sportybet", Player("Jens Hauge", "1")) == ["Jens Hauge"]
    assert named(roster, "betpawa", "Jens Petter Hauge", "Jens Ole Hauge") == ["", ""]
    assert named(roster, "sportybet", Player("Jens Hauge", "1")) == ["Jens Hauge"]


def test_one_of_theirs_with_two_candidates_is_left_out():
    """A shorter name may be either."""
    roster = Roster(nobody)
    named(roster, "betpawa", "Jens Petter Hauge", "Jens Ole Hauge")
    assert named(roster, "sportybet", Player("Jens Hauge", "1")) == [""]


def test_equal_words_come_before_containment():
    """The whole list is looked at together: whose words are equal is not a candidate for another of that list."""
    roster = Roster(nobody)
    named(roster, "sportybet", Player("Jens Hauge", "1"))
    assert named(roster, "betpawa", "Jens Petter Hauge", "Jens Hauge") == ["Jens Petter Hauge", "Jens Hauge"]


def test_names_that_each_contain_the_first_but_not_each_other_are_not_joined_through_it():
    """Containment is not handed on: A in B and A in C does not make B and C one man."""
    roster = Roster(nobody)
    named(roster, "betpawa", "Jens Hauge")
    assert named(roster, "betika", "Jens Petter Hauge") == ["Jens Hauge"]
    joined = roster.join("sportpesa", [market([Player("Jens Hauge Olsen")])])
    assert joined.left_out == {SCORERS: 1} and joined.renamed == {"betika"}
    assert named(roster, "betika", "Jens Petter Hauge") == [""]


def test_who_is_called_otherwise_by_later_knowledge_is_reported():
    """A third bookmaker's id can prove that two names are one man: the first name given is kept for both."""
    roster = Roster(nobody)
    named(roster, "betpawa", "Thelonius Gerard Aasgaard")
    assert named(roster, "sportybet", Player("Thelo Aasgaard", "9")) == ["Thelo Aasgaard"]
    joined = roster.join("msport", [market([Player("Thelonius Aasgaard", "9")])])
    assert joined.renamed == {"sportybet"}
    assert joined.markets[MarketKey(SCORERS)].names == ("Thelonius Gerard Aasgaard",)
    assert named(roster, "sportybet", Player("Thelo Aasgaard", "9")) == ["Thelonius Gerard Aasgaard"]


def test_only_other_bookmakers_have_to_be_read_again():
    """Neither the one whose answer this is, nor the names from before the start."""
    shown = Roster(nobody).join("msport", [market([Player("Thelo Aasgaard"), Player("Thelonius Aasgaard")])])
    after = Roster(lambda: settled(shown))
    assert named(after, "sportybet", Player("Thelonius Aasgaard", "9")) == ["Thelonius Aasgaard"]
    joined = after.join("sportybet", [market([Player("Thelo Aasgaard", "9")])])
    assert joined.markets[MarketKey(SCORERS)].names == ("Thelo Aasgaard",) and not joined.renamed


def test_after_a_restart_the_names_are_those_shown_before():
    """Ids are forgotten, names are not: an id that comes first is joined by name, the next by the id."""
    before = Roster(nobody)
    names = ["Kylian Sanmi Mbappe Lottin", "Jens Hauge"]
    shown = [
        before.join("betpawa", [market([Player(name) for name in names])]),
        before.join("msport", [market([Player("Kylian Mbappe", "1"), Player("Jens Petter Hauge", "2")])]),
    ]
    after = Roster(lambda: settled(*shown))
    again = after.join("msport", [market([Player("Kylian Mbappe", "1"), Player("Jens Petter Hauge", "2")])])
    assert again == shown[1]
    last = after.join("sportybet", [market([Player("Mbappe-Lottin", "1")])])
    assert last.markets[MarketKey(SCORERS)].names == ("Kylian Sanmi Mbappe Lottin",)
    assert after.join("betpawa", [market([Player(name) for name in names])]) == shown[0]


def test_after_a_restart_who_was_in_doubt_stays_as_he_was():
    """The reference's names stay shown, the one who may be either stays left out, whoever answers first."""
    before = Roster(nobody)
    names = [Player("Jens Petter Hauge"), Player("Jens Ole Hauge")]
    shown = before.join("betpawa", [market(names)])
    for order in (("sportybet", "betpawa"), ("betpawa", "sportybet")):
        after = Roster(lambda: settled(shown))
        answers = {"betpawa": market(names), "sportybet": market([Player("Jens Hauge", "1")])}
        joined = {bookmaker: after.join(bookmaker, [answers[bookmaker]]) for bookmaker in order}
        assert joined["betpawa"] == shown and joined["sportybet"].markets == {}


def test_a_name_split_by_missing_ids_is_one_again_once_an_id_proves_it():
    """After a restart a shortened name can't be known until the bookmaker that wrote it first answers."""
    shown = Roster(nobody).join("sportybet", [market([Player("Thelo Aasgaard", "9")])])
    after = Roster(lambda: settled(shown))
    assert named(after, "msport", Player("Thelonius Aasgaard", "9")) == ["Thelonius Aasgaard"]
    again = after.join("sportybet", [market([Player("Thelo Aasgaard", "9")])])
    assert again == Joined(shown.markets, {}, frozenset({"msport"}))
    assert named(after, "msport", Player("Thelonius Aasgaard", "9")) == ["Thelo Aasgaard"]


def test_after_a_restart_only_names_that_are_still_shown_count():
    """A name that was given up keeps its place in the record, without a price."""
    old = Player("Thelo Aasgaard", "9")
    first = Roster(nobody).join("msport", [market([old])]).markets[MarketKey(SCORERS)]
    (now,) = settle(settle({}, [first], START), [market([Player("Thelonius Aasgaard")])], START).values()
    assert now.names == ("Thelo Aasgaard", "Thelonius Aasgaard")
    after = Roster(lambda: [now])
    named(after, "sportybet", old)
    assert named(after, "msport", Player("Thelonius Aasgaard", "9")) == ["Thelonius Aasgaard"]


def test_names_from_before_the_start_come_first_even_when_their_market_comes_late():
    """What is in the history keeps its name; a name given since the start has less of it."""
    shown = Roster(nobody).join("sportybet", [market([Player("Thelo Aasgaard", "9")])])
    after = Roster(lambda: settled(shown))
    cards = ParsedMarket(
        MarketKey("28000816"), ("Thelonius Aasgaard",), (5000,), players=(Player("Thelonius Aasgaard", "9"),)
    )
    assert after.join("msport", [cards]).markets[cards.key].names == ("Thelonius Aasgaard",)
    assert named(after, "sportybet", Player("Thelo Aasgaard", "9")) == ["Thelo Aasgaard"]
    assert after.join("msport", [cards]).markets[cards.key].names == ("Thelo Aasgaard",)


def test_thresholds_and_outcomes_that_are_no_player_are_kept():
    """A ladder's " 2+" stays behind our name; "No Goal" is nobody's."""
    roster = Roster(nobody)
    named(roster, "betpawa", "Kylian Sanmi Mbappe Lottin")
    man = Player("Kylian Mbappe", "1")
    ladder = ParsedMarket(
        MarketKey("x-player_shots_ladder"),
        ("Kylian Mbappe 1+", "No Goal", "Kylian Mbappe 2+"),
        (1200, 9000, 2500),
        suspended=0b100,
        dormant=0b010,
        players=(man, None, man),
    )
    joined = roster.join("msport", [ladder]).markets[ladder.key]
    assert joined.names == ("Kylian Sanmi Mbappe Lottin 1+", "No Goal", "Kylian Sanmi Mbappe Lottin 2+")
    assert (joined.odds_milli, joined.suspended, joined.dormant) == ((1200, 9000, 2500), 0b100, 0b010)
    after = Roster(lambda: settled(Joined({ladder.key: joined}, {}, frozenset())))
    assert after.join("msport", [ladder]).markets == {ladder.key: joined}


def test_who_is_left_out_takes_his_price_and_his_lock_with_him():
    """The masks move up with the outcomes behind him."""
    roster = Roster(nobody)
    named(roster, "betpawa", "Jens Petter Hauge", "Jens Ole Hauge")
    three = market([Player("Oscar Bobb", "5"), Player("Jens Hauge", "1"), Player("Antonio Nusa", "6")])
    locked = ParsedMarket(three.key, three.names, three.odds_milli, 0b110, 0b001, three.players)
    joined = roster.join("sportybet", [locked])
    assert joined.left_out == {SCORERS: 1}
    (ours,) = joined.markets.values()
    assert ours == ParsedMarket(three.key, ("Oscar Bobb", "Antonio Nusa"), (2001, 2003), 0b10, 0b01)


def test_a_man_twice_in_one_market_counts_once_if_both_agree_and_not_at_all_if_not():
    """Two prices for one man contradict each other: neither is shown."""
    roster = Roster(nobody)
    twice = [Player("Kylian Mbappe", "1"), Player("Mbappe Lottin", "1"), Player("Oscar Bobb", "2")]
    same = roster.join("msport", [market(twice, (2000, 2000, 3000))])
    assert (same.markets[MarketKey(SCORERS)].names, same.left_out) == (("Kylian Mbappe", "Oscar Bobb"), {})
    other = roster.join("msport", [market(twice, (2000, 2100, 3000))])
    assert (other.markets[MarketKey(SCORERS)].names, other.left_out) == (("Oscar Bobb",), {SCORERS: 2})


@pytest.mark.parametrize(
    "name", ["", " ", "Kylian Mbappe & Erling Haaland", "12345", "\x00", "<b>Mbappe</b>"]
)
def test_what_is_no_mans_name_is_left_out(name):
    """Even with an id."""
    joined = Roster(nobody).join("msport", [market([Player(name, "1")])])
    assert joined == Joined({}, {SCORERS: 1}, frozenset())


def test_a_market_without_players_passes_as_it_is():
    """The very object: nothing is copied for the thousands that name nobody."""
    plain = ParsedMarket(MarketKey("3743"), ("1", "X", "2"), (2000, 3000, 4000))
    assert Roster(nobody).join("betpawa", [plain]).markets[plain.key] is plain


def test_a_flood_of_names_is_cut_off():
    """A broken feed can't make an event's roster grow for ever."""
    roster = Roster(nobody)
    flood = [Player(f"Player {number}", str(number)) for number in range(MAX_PLAYERS + 5)]
    assert roster.join("msport", [market(flood)]).left_out == {SCORERS: 5}
    assert named(roster, "msport", flood[0], flood[-1]) == ["Player 0", ""]


# --- properties: men with names of a few words, so that many are alike ------------------------------------------

WORDS = ("jens", "petter", "ole", "hauge", "de", "j", "berg")
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True)
players = st.builds(
    lambda name, number: Player(" ".join(name), number), words, st.sampled_from(["", "", "1", "2", "3"])
)
answers = st.lists(
    st.tuples(st.sampled_from(["betpawa", "sportybet", "msport"]), st.lists(players, min_size=1, max_size=4)),
    min_size=1,
    max_size=5,
)
Answers = list[tuple[str, list[Player]]]
Seen = tuple[str, Player]


def names_after(given: Answers, roster: Roster) -> dict[Seen, str]:
    """Feed all answers, then read each again: what everybody is called in the end."""
    for bookmaker, listed in given:
        named(roster, bookmaker, *listed)
    return {
        (bookmaker, player): name
        for bookmaker, listed in given
        for player, name in zip(listed, named(roster, bookmaker, *listed), strict=True)
    }


def proven(seen: Seen, everybody: Iterable[Seen]) -> set[frozenset[str]]:
    """Return the spellings that are this man's by id or equal words."""
    own = name_words(seen[1].name)
    claims = {p.sportradar_id for _, p in everybody if p.sportradar_id and name_words(p.name) == own}
    number = seen[1].sportradar_id or (claims.pop() if len(claims) == 1 else "")
    return {own} | {name_words(p.name) for _, p in everybody if number and p.sportradar_id == number}


def alike(one: Seen, other: Seen, everybody: Iterable[Seen]) -> bool:
    return any(
        a == b or ((a <= b or b <= a) and len((a & b) - {"de", "j"}) >= 2)
        for a in proven(one, everybody)
        for b in proven(other, everybody)
    )


@given(answers)
def test_nobody_shares_a_name_without_a_reason(given_answers):
    """Whatever is asked in whatever order: different ids never meet, and every pair has equal id, words or containment."""
    names = names_after(given_answers, Roster(nobody))
    for one, other in combinations(names, 2):
        if names[one] and names[one] == names[other]:
            ids = {one[1].sportradar_id, other[1].sportradar_id} - {""}
            assert len(ids) < 2 and alike(one, other, names)


@given(answers)
def test_equal_ids_are_never_called_differently(given_answers):
    """The same man under two names would be compared with nobody."""
    names = names_after(given_answers, Roster(nobody))
    for one, other in combinations(names, 2):
        if one[1].sportradar_id and one[1].sportradar_id == other[1].sportradar_id:
            assert names[one] == names[other]


@given(answers)
def test_the_ambiguous_is_never_joined(given_answers):
    """A name without id that contains, or is contained in, two men's is not joined with either, unless equal."""
    names = names_after(given_answers, Roster(nobody))
    for seen in names:
        equal = any(p.sportradar_id and name_words(p.name) == name_words(seen[1].name) for _, p in names)
        if seen[1].sportradar_id or equal or not names[seen]:
            continue
        others = {
            other[1].sportradar_id
            for other in names
            if other[1].sportradar_id
            and alike(seen, other, names)
            and not any(b == seen[0] and same_man(other, (b, p), names) for b, p in names)
        }
        joined = {o[1].sportradar_id for o in names if o[1].sportradar_id and names[o] == names[seen]}
        assert len(others) < 2 or not joined


def same_man(one: Seen, other: Seen, everybody: Iterable[Seen]) -> bool:
    """Return whether both are one by id or equal words."""
    return bool(proven(one, everybody) & proven(other, everybody))


@given(answers, st.randoms(use_true_random=False))
def test_who_is_paired_does_not_depend_on_who_came_first(given_answers, random):
    """Only what a man is called does."""
    shuffled = random.sample(given_answers, len(given_answers))
    first, second = names_after(given_answers, Roster(nobody)), names_after(shuffled, Roster(nobody))
    for one, other in combinations(first, 2):
        if all((first[one], first[other], second[one], second[other])):
            assert (first[one] == first[other]) == (second[one] == second[other])


@given(answers)
def test_asking_again_changes_nothing(given_answers):
    """The same answer gives the same names, unique in a market, and nobody has to be read again."""
    roster = Roster(nobody)
    names_after(given_answers, roster)
    for bookmaker, listed in given_answers:
        first, second = (roster.join(bookmaker, [market(listed)]) for _ in range(2))
        assert first == second and not first.renamed
        assert all(len(set(m.names)) == len(m.names) for m in first.markets.values())
        assert first == roster.join(bookmaker, [market(listed)])


@given(answers, answers)
def test_a_restart_pairs_nobody_wrongly(before, after):
    """Different ids never meet, whatever names are left from before."""
    old = Roster(nobody)
    shown = [old.join(bookmaker, [market(listed)]) for bookmaker, listed in before]
    names = names_after(after, Roster(lambda: settled(*shown)))
    for one, other in combinations(names, 2):
        ids = {one[1].sportradar_id, other[1].sportradar_id} - {""}
        assert len(ids) < 2 or names[one] != names[other] or not names[one]
