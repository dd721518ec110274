"""SportPesa's event detail: what is read, what is refused, and that it is never asked for."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.base import Request, Window, joined
from overround.bookmakers.sportpesa.client import SportPesa
from overround.config import packaged_catalogue
from overround.domain.markets import MarketKey
from overround.errors import BookmakerError, BookmakerRefused, EventGone, PayloadChanged
from tests.bookmakers.sportpesa.bodies import alone, detail, game, market
from tests.support.payloads import needs_payloads, payload

SPORTPESA = SportPesa(packaged_catalogue())
TOTAL, HANDICAP = {"OV": "1.90", "UN": "1.80"}, {"1": "1.90", "2": "1.80"}


def prices(body: bytes) -> dict[MarketKey, dict[str, int]]:
    """Return every priced outcome of a body."""
    read = SPORTPESA.parse_event(body).markets
    return {
        key: {name: odds for name, odds in zip(each.names, each.odds_milli, strict=True) if odds}
        for key, each in read.items()
    }


def test_a_game_says_who_plays_when():
    """The Sportradar id is betradarId as text; 0 at Genius Sports is none; times are ms UTC."""
    event = SPORTPESA.parse_event(alone())
    assert (event.event_id, event.sportradar_id, event.genius_id) == ("501", "4711", None)
    assert event.kickoff_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert (event.home, event.away, event.country, event.competition) == (
        "Reds", "Blues", "Nowhere", "Second League",
    )  # fmt: skip
    assert event.sport == "football"


def test_a_game_without_a_sportradar_id_stays_unidentified():
    """0 stands for none."""
    assert SPORTPESA.parse_event(alone(betradarId=0)).sportradar_id is None


def test_a_game_alone_has_its_inline_1x2():
    """Its outcomes state the line, the market itself does not."""
    assert prices(alone()) == {MarketKey("3743"): {"1": 2100, "X": 3300, "2": 3600}}


def test_the_second_answer_replaces_the_inline_markets():
    """It was fetched later and holds them all."""
    read = prices(detail(market(10, 0, {"1": "2.05", "X": "3.30", "2": "3.70"}), market(52, 2.5, TOTAL)))
    assert read[MarketKey("3743")]["1"] == 2050
    assert read[MarketKey("5000", "2.5")] == {"Over": 1900, "Under": 1800}


@pytest.mark.parametrize(
    ("theirs", "key", "outcomes"),
    [
        (market(46, 0, {"1X": "1.3", "X2": "1.7", "12": "1.2"}), MarketKey("4693"), {"1X": 1300, "X2": 1700, "12": 1200}),
        (market(43, 0, {"Yes": "1.9", "No": "1.8"}), MarketKey("3795"), {"Yes": 1900, "No": 1800}),
        (market(51, -0.75, HANDICAP), MarketKey("3774", "-0.75"), {"1": 1900, "2": 1800}),
        (market(51, 0, HANDICAP), MarketKey("3774", "0"), {"1": 1900, "2": 1800}),
        (market(55, -1, {"1": "4", "X": "3.5", "2": "1.6"}), MarketKey("4724", "-1"), {"1": 4000, "X": 3500, "2": 1600}),
        (market(353, 1.5, TOTAL), MarketKey("5006", "1.5"), {"Over": 1900, "Under": 1800}),
        (market(352, 1.5, TOTAL), MarketKey("5003", "1.5"), {"Over": 1900, "Under": 1800}),
        (market(44, 0, {"1X": "15", "X1": "4"}), MarketKey("4706"), {"1/X": 15000, "X/1": 4000}),
        (market(208, 2.5, {"OV_X": "13", "UN_2": "6"}), MarketKey("1096755", "2.5"), {"X - Over": 13000, "2 - Under": 6000}),
        (market(386, 0, {"1GG": "4", "XNG": "9"}), MarketKey("3591790"), {"1 - Yes": 4000, "X - No": 9000}),
    ],
)  # fmt: skip
def test_a_market_is_read_under_our_key(theirs, key, outcomes):
    """By id, short name and spec value; the line is seen from the home side."""
    assert prices(detail(theirs)) == {key: outcomes}


def test_one_correct_score_feeds_both_of_ours():
    """A score is a score; their 'any other' covers another rest, so it is counted as not mapped."""
    body = detail(market(332, 0, {"1:0": "7", "0:6": "90", "OTHR": "8"}, "Correct Score"))
    assert prices(body) == {
        MarketKey("4429"): {"1-0": 7000, "0-6": 90000}, MarketKey("28000869"): {"1-0": 7000},
    }  # fmt: skip
    assert [(gap.id, gap.outcomes) for gap in SPORTPESA.parse_event(body).unmapped] == [("332", 1)]


def test_ids_mean_what_they_mean_in_their_sport():
    """52 is the total of goals or of points."""
    body = detail(market(52, 161.5, TOTAL), sport={"id": 2, "name": "Basketball"})
    assert set(prices(body)) == {MarketKey("5009", "161.5")}


def test_ids_and_prices_may_arrive_as_text_or_number():
    """Numbers as text and text as numbers are everywhere."""
    body = detail(market("52", "2.50", {"OV": 1.9, "UN": "1.80"}), id="501", betradarId="4711")
    assert prices(body) == {MarketKey("5000", "2.5"): {"Over": 1900, "Under": 1800}}


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        (market(52, "two", TOTAL), "line"),
        (market(43, 1.5, {"Yes": "1.9", "No": "1.8"}), "line"),
        (market(52, 2.5, TOTAL) | {"specValue": 3.5}, "line"),
        (market(52, 2.5, {"OV": "1,90", "UN": "1.80"}), "price"),
        (market(52, 2.5, {"OV": "1.00", "UN": "1.80"}), "price"),
    ],
)
def test_what_cannot_be_believed_is_counted_and_the_rest_stands(theirs, reason):
    """A line that is none, or two lines in one market; a price that is no offer."""
    event = SPORTPESA.parse_event(detail(theirs, market(46, 0, {"1X": "1.3", "X2": "1.7", "12": "1.2"})))
    assert event.refused == {reason: 1}
    assert MarketKey("4693") in event.markets
    if reason == "line":
        assert len(event.markets) == 1 and event.doubtful


def test_of_two_equal_markets_neither_is_believed():
    """The same id at the same line."""
    event = SPORTPESA.parse_event(
        detail(market(52, 2.5, TOTAL), market(52, 2.50, TOTAL), market(52, 3.5, TOTAL))
    )
    assert set(event.markets) == {MarketKey("5000", "3.5")}
    assert event.refused == {"twice": 1} and event.doubtful == {"5000"}


def test_an_unknown_game_is_gone():
    """It is answered by an empty list."""
    with pytest.raises(EventGone):
        SPORTPESA.parse_event(b"[]")
    with pytest.raises(EventGone):
        SPORTPESA.parse_event(joined([b"[]", b"{}"]))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([game(), game(id=502)]).encode(),  # a list is no event
        joined([alone()]),
        joined([alone(), b'{"502": []}']),
        joined([alone(), b'{"501": []}']),
        joined([alone(), b"{}", b"{}"]),
        alone(markets=[]),
        alone(competitors=[{"name": "Reds"}]),
        alone(dateTimestamp=10**17),
        detail(market(52, 2.5, {"OV": "0", "UN": "0"})),
        alone().replace(b"shortName", b"short"),
        b'{"501": []}', b"null", b"", b"<html></html>", b"\xff\xfe", b"[" * 100_000, b'[{"id": 1e999}]',
    ],
)  # fmt: skip
def test_another_shape_is_named(body):
    """Never a price out of what we do not know, never another exception."""
    with pytest.raises(PayloadChanged):
        SPORTPESA.parse_event(body)


@given(place=st.integers(0, 2_000), new=st.binary(max_size=3))
def test_mutated_bytes_raise_nothing_else(place, new):
    """Only errors of our tree come out, whatever a body holds."""
    body = detail(market(52, 2.5, TOTAL), market(332, 0, {"1:0": "7"}))
    place %= len(body)
    with suppress(BookmakerError):
        SPORTPESA.parse_event(body[:place] + new + body[place + 1 :])


async def test_nothing_is_ever_asked():
    """Every request is refused before it is made, with the reason."""

    async def ask(request: Request) -> bytes:
        raise AssertionError(f"asked {request.url}")

    moment = datetime(2026, 9, 21, tzinfo=UTC)
    with pytest.raises(BookmakerRefused, match="guarded by a bot manager"):
        await SPORTPESA.discover(ask, Window(moment, moment))
    with pytest.raises(BookmakerRefused, match="does not work around"):
        SPORTPESA.event_request("501")


class TestCaptured:
    pytestmark = needs_payloads

    def test_a_whole_detail_is_mapped_but_for_one_market_and_one_outcome(self):
        """21 of 22 market types, 191 of 196 outcomes; correct scores count in both of our markets."""
        event = SPORTPESA.parse_event(
            joined([payload("sportpesa", "prematch.json"), payload("sportpesa", "markets.json")])
        )
        assert event.sportradar_id == "71348330"
        assert [(gap.id, gap.outcomes) for gap in event.unmapped] == [("332", 1), ("202", 4)]
        assert (event.refused, event.doubtful) == ({}, frozenset())
        assert len(event.markets) == 59

    def test_the_line_is_the_home_sides(self):
        """The favourite at home gives goals: prices fall as the head start grows."""
        read = prices(joined([payload("sportpesa", "prematch.json"), payload("sportpesa", "markets.json")]))
        home = [read[MarketKey("4724", str(line))]["1"] for line in range(-5, 0)]
        assert home == sorted(home, reverse=True) and len(set(home)) == 5

    @pytest.mark.parametrize("name", ["games_upcoming.json", "sports_live.json", "markets.json"])
    def test_what_is_no_event_detail_is_refused(self, name):
        """Lists, and markets without their game."""
        with pytest.raises(PayloadChanged):
            SPORTPESA.parse_event(payload("sportpesa", name))

    def test_every_listed_game_can_be_read_alone(self):
        """Each row of a list is a game with its 1X2 inline."""
        games = json.loads(payload("sportpesa", "games_upcoming.json"))
        read = [SPORTPESA.parse_event(json.dumps([each]).encode()) for each in games]
        assert len(read) == 10 and all(set(event.markets) == {MarketKey("3743")} for event in read)
