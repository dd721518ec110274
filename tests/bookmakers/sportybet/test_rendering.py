"""SportyBet's bodies as its server writes them."""

import json
from datetime import timedelta

import pytest

from overround.bookmakers.base import Quote, SimulatedRequest
from overround.bookmakers.sportybet.parser import EventParser
from overround.bookmakers.sportybet.rendering import event_header, outcome_fields, place_of
from overround.bookmakers.sportybet.simulator import SportyBetSimulator
from overround.domain.catalogue import load
from overround.domain.markets import MarketKey
from tests.bookmakers.test_feed import VARIANTS
from tests.support.any_quotes import PLAYERS
from tests.support.clock import START
from tests.support.price_source import FixedSource, simulated_events
from tests.support.sportybet_server import simulated_body


def own_id(sportradar_id):
    return f"sr:match:{sportradar_id}"


def test_rows_limited_by_a_specifier_are_written_as_they_are_read():
    """`only` and `fixed_lines` of the catalogue make the way there and back."""
    catalogue = load(VARIANTS)
    prices = {"Over": Quote(1900), "Under": Quote(1850, suspended=True)}
    quotes = {
        MarketKey("1096"): {"0": Quote(9000), "1+": Quote(1040)},
        MarketKey("2000", "0.5"): prices,
        MarketKey("2001", "2.5"): prices,
    }
    request = SimulatedRequest("GET", "/api/ng/factsCenter/event", {"eventId": own_id("69000000")}, {}, b"")
    body = (
        SportyBetSimulator(catalogue).answer(request, FixedSource(simulated_events(1, own_id), quotes)).body
    )
    written = [(market["id"], market["specifier"]) for market in json.loads(body)["data"]["markets"]]
    assert written == [
        ("21", "variant=sr:exact_goals:6+"),
        ("900313", "minute=5|total=0.5"),
        ("900313", "minute=10|total=2.5"),
    ]
    read = EventParser(catalogue).parse(body).markets
    assert set(read) == set(quotes)
    assert read[MarketKey("2001", "2.5")].odds_milli == (1900, 1850)
    assert read[MarketKey("2001", "2.5")].suspended == 0b10


def test_scorers_stand_in_one_object_and_props_in_one_per_player():
    """First and anytime scorer list everybody; a ladder has an object, and a specifier, for each man."""
    body = simulated_body(
        players=PLAYERS[:2],
        quotes={
            MarketKey("129108"): {"No Goal": Quote(9000), "Kylian Mbappe": Quote(2100)},
            MarketKey("x-player_shots_ladder"): {
                "Kylian Mbappe 1+": Quote(1200),
                "Kylian Mbappe 2+": Quote(1900),
                "N'Golo Kante 1+": Quote(1700),
            },
            MarketKey("28000815"): {"N'Golo Kante": Quote(3000)},
        },
    )
    markets = json.loads(body)["data"]["markets"]
    props = "pre:playerprops:69000000"
    assert [
        (market["id"], market["specifier"], [(outcome["id"], outcome["desc"]) for outcome in market["outcomes"]])
        for market in markets
    ] == [
        ("40", "type=prematch", [("1716", "No Goal"), ("sr:player:796046", "Mbappe, Kylian (Home 0)")]),
        ("776", f"variant={props}:796046", [
            (f"{props}:796046:1", "Mbappe, Kylian (Home 0) 1+"), (f"{props}:796046:2", "Mbappe, Kylian (Home 0) 2+"),
        ]),
        ("776", f"variant={props}:228364", [(f"{props}:228364:1", "Kante, N'Golo (Away 0) 1+")]),
        ("800289", f"variant={props}:228364", [(f"{props}:228364:2", "Kante, N'Golo (Away 0)")]),
    ]  # fmt: skip
    assert {market["group"] for market in markets if market["id"] == "40"} == {"Players"}


@pytest.mark.parametrize(
    ("market_id", "specifier", "texts"),
    [
        ("16", "hcp=-0.5", ["Home (-0.5)", "Away (+0.5)"]),
        ("16", "hcp=0.5", ["Home (0.5)", "Away (-0.5)"]),
        ("14", "hcp=0:1", ["Home (0:1)", "Draw (0:1)", "Away (0:1)"]),
        ("14", "hcp=1:0", ["Home (1:0)", "Draw (1:0)", "Away (1:0)"]),
        ("18", "total=2.5", ["Over 2.5", "Under 2.5"]),
    ],
)
def test_lines_stand_in_the_specifier_and_in_the_texts(market_id, specifier, texts):
    """A head start names both sides, a two-way handicap its own side with the sign."""
    markets = json.loads(simulated_body())["data"]["markets"]
    (market,) = [each for each in markets if (each["id"], each.get("specifier")) == (market_id, specifier)]
    assert [outcome["desc"] for outcome in market["outcomes"]] == texts


def test_a_market_locked_as_a_whole_has_another_status_and_stays_active():
    """One outcome alone is inactive instead."""
    markets = json.loads(simulated_body())["data"]["markets"]
    states = {
        (market["id"], market.get("specifier")): (
            market["status"],
            [outcome["isActive"] for outcome in market["outcomes"]],
        )
        for market in markets
    }
    assert states["18", "total=4.5"] == (1, [1, 1])
    assert states["29", None] == (0, [1, 0])
    assert states["1", None] == (0, [1, 1, 1])


@pytest.mark.parametrize(
    ("odds_milli", "text"), [(2400, "2.40"), (2415, "2.415"), (100_000, "100.00"), (0, "0.00")]
)
def test_prices_have_two_decimals_unless_they_need_three(odds_milli, text):
    """As text."""
    assert outcome_fields("1", odds_milli, 0.5, "Home")["odds"] == text


def test_an_event_past_its_kickoff_is_in_play():
    """Discovery leaves it out by this status."""
    (event,) = simulated_events(1, own_id)
    assert (
        event_header(event, FixedSource([event], now=event.kickoff_at - timedelta(seconds=1)))["status"] == 0
    )
    started = event_header(event, FixedSource([event], now=event.kickoff_at))
    assert (started["status"], started["matchStatus"], started["setScore"]) == (1, "H1", "0:0")


def test_places_are_told_apart_by_country_and_sport():
    """A "Premier League" exists in many countries."""
    one, other, again = simulated_events(3, own_id, first_kickoff=START, competitions=2)
    assert place_of(one)[2] != place_of(other)[2]
    assert place_of(one) == place_of(again)
