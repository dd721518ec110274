"""What a body of the shared feed yields: what is offered, what is refused, and what is in doubt."""

import msgspec
import pytest

from overround.bookmakers.feed import FeedTable
from overround.bookmakers.feed_reading import FeedMemory, FeedReading
from overround.domain.catalogue import load
from overround.domain.markets import MarketKey, ParsedMarket, Player
from tests.bookmakers.test_feed import VARIANTS

TABLE, MEMORY = FeedTable(load(VARIANTS), "sportybet"), FeedMemory()
MULTI, SCORER, SHOTS = MarketKey("1096"), MarketKey("40"), MarketKey("x-shots")


class Outcome(msgspec.Struct, frozen=True):
    id: str | int
    odds: str | float | None
    is_active: int = 1
    text: str | None = None


def reading():
    return FeedReading(TABLE, "football", MEMORY)


def multi(*odds, ids=("68", "74")):
    return [Outcome(outcome_id, price) for outcome_id, price in zip(ids, odds, strict=True)]


def read(*markets):
    """Read (id, specifier, outcomes) rows, none of them locked."""
    result = reading()
    for market_id, specifier, outcomes in markets:
        result.add(market_id, specifier, f"Market {market_id}", outcomes, False)
    return result


def unmapped(result):
    return [(row.id, row.name, row.outcomes) for row in result.unmapped_rows()]


# --- plain markets -----------------------------------------------------------------------------------------------


def test_a_market_is_read_by_outcome_id():
    """Order does not matter, a variant before the id neither; names are the catalogue's."""
    market = ParsedMarket(MULTI, ("0", "1+"), (9000, 1040))
    rows = multi("1.04", "9.00", ids=("sr:exact_goals:1+:74", "68"))
    assert read(("21", "variant=sr:exact_goals:1+", rows)).markets() == {MULTI: market}


def test_a_locked_market_is_suspended_and_dormant_where_it_has_no_price():
    """Whatever its outcomes say of themselves."""
    result = reading()
    result.add("21", None, "", multi("9.00", None), True)
    assert result.markets() == {MULTI: ParsedMarket(MULTI, ("0", "1+"), (9000, 0), 0b01, dormant=0b10)}
    assert result.refused == {}


def test_an_inactive_outcome_is_suspended():
    """Only 1 means active."""
    rows = [Outcome("68", "9.00", 0), Outcome("74", "1.04", 1)]
    assert read(("21", None, rows)).markets()[MULTI].suspended == 0b01


@pytest.mark.parametrize("odds", ["0.00", "1.00", "1", 0, 1.0, "100000.01", 1e300])
def test_a_number_that_is_no_offer_is_not_offered_and_counted(odds):
    """The rest of the market stands and nothing is in doubt."""
    result = read(("21", None, multi(odds, "1.04")))
    assert result.markets()[MULTI].odds_milli == (0, 1040)
    assert (result.refused, result.doubtful) == ({"price": 1}, set())


@pytest.mark.parametrize("odds", ["2,5", "", "x", "NaN", "1e3", "-2.5", -3, None, " 2.5", "\u0662.5"])
def test_a_price_that_is_no_number_puts_its_market_in_doubt(odds):
    """The outcome may be open at any price: it must look neither offered nor withdrawn."""
    result = read(
        ("21", None, multi(odds, "1.04")),
        ("900313", "minute=5|total=0.5", multi("1.9", "1.9", ids=("30", "31"))),
    )
    assert list(result.markets()) == [MarketKey("2000", "0.5")]
    assert (result.refused, result.doubtful) == ({"price": 1}, {"1096"})


def test_nothing_but_open_outcomes_without_a_price_is_unreadable():
    """A renamed field must not look like an empty offer."""
    assert read(("21", None, multi(None, None))).is_unreadable
    assert read(("21", None, multi("0.00", "0.00"))).is_unreadable
    assert not read(("21", None, multi(None, None)), ("40", None, [Outcome("1716", "9.00")])).is_unreadable
    assert not reading().is_unreadable


def test_a_market_that_offers_nothing_is_absent():
    """Nothing open, nothing locked: there is no market."""
    assert read(("21", None, multi("1.00", "1.00"))).markets() == {}


# --- contradictions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [("9.50", "1.03"), ("9.00", "1.04")])
def test_a_market_that_stands_twice_is_left_out_and_the_rest_stands(again):
    """(id, specifier) is unique: of two, neither is believed; the market is in doubt, not withdrawn."""
    scorer = ("40", None, [Outcome("1716", "9.00")])
    result = read(("21", None, multi("9.00", "1.04")), ("21", None, multi(*again)), scorer)
    assert list(result.markets()) == [SCORER]
    assert (result.refused, result.doubtful) == ({"twice": 1}, {"1096"})


def test_a_market_that_names_an_outcome_twice_is_left_out():
    """Two prices for one outcome, even if one of them is none."""
    for rows in (
        multi("9.00", "8.00", ids=("68", 68)),
        multi("1.00", "8.00", "1.04", ids=("68", "68", "74")),
    ):
        result = read(("21", None, rows))
        assert result.markets() == {}
        assert result.refused["twice"] == 1
        assert result.doubtful == {"1096"}


def test_of_two_ids_for_one_market_the_preferred_one_speaks():
    """In any order, and it is no contradiction; its own double is one."""
    first = ("900313", "minute=5|total=2.5", multi("1.90", "1.85", ids=("30", "31")))
    second = ("901", "minute=5", multi("2.00", "1.75", ids=("1", "2")))
    for rows in ((first, second), (second, first), (second, second, first)):
        result = read(*rows)
        assert result.markets()[MarketKey("2000", "2.5")].odds_milli == (1900, 1850)
    assert read(first, first, second).markets() == {}


def test_of_two_feed_variants_the_preferred_one_speaks():
    """The catalogue lists the outcome ids of one outcome in order of preference."""
    first, second = multi("9.00", "1.04"), multi("9.50", "1.03", ids=("68", "97"))
    for rows in ((first, second), (second, first)):
        result = read(*(("21", f"variant={n}", row) for n, row in enumerate(rows)))
        assert result.markets()[MULTI].odds_milli == (9000, 1040)
        assert result.refused == {}


def test_an_unreadable_line_is_refused_and_in_doubt():
    """It is counted as line, not as unmapped."""
    result = read(("900313", "minute=5|total=half", multi("1.90", "1.85", ids=("30", "31"))))
    assert (result.refused, result.doubtful, unmapped(result)) == ({"line": 1}, {"2000"}, [])


# --- what is unmapped --------------------------------------------------------------------------------------------


def test_what_is_unmapped_makes_one_row_per_market_id():
    """Lines of one market are summed; an unknown outcome of a known market counts alone."""
    result = read(
        ("7", "total=1", multi("2", "2")),
        (7, "total=2", multi("2", "2")),
        ("21", None, multi("9", "1.04", "5", ids=("68", "74", "99"))),
        ("900313", "minute=15|total=1", multi("2", "2")),
    )
    assert unmapped(result) == [("7", "Market 7", 4), ("21", "Market 21", 1), ("900313", "Market 900313", 2)]
    assert result.markets()[MULTI].odds_milli == (9000, 1040)


def test_another_sport_has_nothing_of_this_one():
    """Ids hold within a sport."""
    result = FeedReading(TABLE, "tennis", MEMORY)
    result.add("21", None, "Sets", multi("9", "1.04"), False)
    assert (result.markets(), unmapped(result)) == ({}, [("21", "Sets", 2)])


# --- players -----------------------------------------------------------------------------------------------------

MBAPPE = Player("Kylian Mbappe", "796046")


def prop(player, number, odds="2.00", team="France", name="Kylian Mbappe", is_active=1):
    return Outcome(
        f"pre:playerprops:66457014:{player}:{number}", odds, is_active, f"{name} ({team}) {number}+"
    )


def test_scorers_come_in_one_object():
    """First name first, Sportradar ids, and No Goal stays an outcome that is no player."""
    rows = [
        Outcome("1716", "9.00", 1, "No Goal"),
        Outcome("sr:player:796046", "2.10", 1, "Mbappe, Kylian (France)"),
        Outcome("sr:player:55", "4.00", 0, "Kante, N'Golo (France)"),
    ]
    (market,) = read(("40", "type=prematch", rows)).markets().values()
    assert market.names == ("No Goal", "Kylian Mbappe", "N'Golo Kante")
    assert (market.odds_milli, market.suspended) == ((9000, 2100, 4000), 0b100)
    assert market.players == (None, MBAPPE, Player("N'Golo Kante", "55"))


def test_a_ladder_comes_in_one_object_per_player():
    """Each step is an outcome; objects add up to one market."""
    rows = [prop("796046", 1), prop("796046", 2, "3.50")], [prop("55", 1, name="N'Golo Kante")]
    result = read(*(("776", f"variant=pre:playerprops:1:{n}", row) for n, row in enumerate(rows)))
    market = result.markets()[SHOTS]
    assert market.names == ("Kylian Mbappe 1+", "Kylian Mbappe 2+", "N'Golo Kante 1+")
    assert market.players == (MBAPPE, MBAPPE, Player("N'Golo Kante", "55"))
    assert market.odds_milli == (2000, 3500, 2000)


@pytest.mark.parametrize(
    ("market_id", "specifier", "outcome"),
    [
        ("40", None, prop("796046", 2)),  # two goals are another market than one
        ("40", None, Outcome("sr:player:5", "2", 1, "")),
        ("40", None, Outcome("sr:player:5", "2", 1, "No Goal")),
        ("40", None, Outcome("sr:competitor:5", "2", 1, "Kylian Mbappe")),
        ("776", None, Outcome("sr:player:5", "2", 1, "Kylian Mbappe")),
        ("776", None, Outcome("pre:playerprops:1:5:2", "2", 1, "Kylian Mbappe 3+")),  # which one?
        ("776", None, Outcome("pre:playerprops:1:5:2", "2", 1, "Kylian Mbappe")),
        ("1415", "count=2", Outcome("sr:player:5", "2", 1, "Kylian Mbappe 1+")),
    ],
)
def test_an_outcome_that_names_no_player_or_another_threshold_is_unmapped(market_id, specifier, outcome):
    """Counted, never guessed."""
    result = read((market_id, specifier, [outcome]))
    assert (result.markets(), unmapped(result)) == ({}, [(market_id, f"Market {market_id}", 1)])


def test_the_threshold_of_a_counted_market_is_its_line():
    """Whether the text repeats it or not; where the market has no line, 1+ is what it asks for."""
    for text in ("Kylian Mbappe 2+", "Mbappe, Kylian"):
        (market,) = read(("1415", "count=2", [Outcome(5, "2", 1, text)])).markets().values()
        assert (market.key, market.names) == (MarketKey("x-assists", "2"), ("Kylian Mbappe",))
    assert read(("40", None, [prop("796046", 1)])).markets()[SCORER].names == ("Kylian Mbappe",)


def test_two_men_of_one_name_are_left_out():
    """By name nobody can tell them apart; everybody else stands."""
    rows = [
        Outcome("sr:player:5", "2", 1, "Silva, Carlos (Home)"),
        Outcome("sr:player:6", "9", 1, "Silva, Carlos (Away)"),
        Outcome("sr:player:7", "3", 1, "Silva, Thiago (Away)"),
    ]
    result = read(("40", None, rows))
    assert result.markets()[SCORER].names == ("Thiago Silva",)
    assert (result.refused, result.doubtful) == ({"namesake": 1}, set())


@pytest.mark.parametrize(
    "rows",
    [
        [
            (
                "40",
                None,
                [Outcome("sr:player:5", "2", 1, "A. Silva"), Outcome("sr:player:5", "2", 1, "A. Silva")],
            )
        ],
        [("40", None, [Outcome("1716", "2"), Outcome("1716", "3")])],
        [("40", None, [Outcome("1716", "2")]), ("40", None, [Outcome("sr:player:5", "2", 1, "A. Silva")])],
    ],
)
def test_a_player_market_that_contradicts_itself_is_left_out(rows):
    """As any other market."""
    result = read(*rows)
    assert result.markets() == {}
    assert (result.refused, result.doubtful) == ({"twice": 1}, {"40"})


def test_a_player_without_a_readable_price_puts_the_market_in_doubt():
    """His price may be any; a number that is no offer only leaves him out."""
    result = read(("40", None, [Outcome("1716", "9"), Outcome("sr:player:5", "2,5", 1, "A. Silva")]))
    assert (result.markets(), result.refused, result.doubtful) == ({}, {"price": 1}, {"40"})
    result = read(("40", None, [Outcome("1716", "9"), Outcome("sr:player:5", "1.00", 1, "A. Silva")]))
    assert result.markets()[SCORER].odds_milli == (9000, 0)
    assert (result.refused, result.doubtful) == ({"price": 1}, set())


def test_a_player_market_that_offers_nothing_is_absent():
    """As any other market; locked players without a price are dormant."""
    assert read(("40", None, [Outcome("1716", "1.00")])).markets() == {}
    result = read(("40", None, [Outcome("1716", "1.00", 0)]))
    assert result.markets()[SCORER].dormant == 0b1
