"""How SportyBet and MSport spell the shared feed: variants and players."""

import pytest

from overround.bookmakers.base import Quote
from overround.bookmakers.feed_spelling import Spelling, spelt_markets
from overround.config import packaged_catalogue
from overround.domain.markets import MarketKey
from overround.domain.players import player_name
from tests.support.any_quotes import PLAYERS

EVENT = Spelling("69000000", "Real (B) Madrid", "PSG", PLAYERS)


def spelt(market_id, line, offered, code="sportybet"):
    kind = packaged_catalogue().find(market_id)
    assert kind is not None
    quotes = {name: Quote(2000) for name in offered}
    return [
        (market.id, market.specifier, [(outcome.id, outcome.text) for outcome in market.outcomes])
        for market in spelt_markets(kind, kind.books[code], MarketKey(market_id, line), quotes, EVENT)
    ]


@pytest.mark.parametrize("player", PLAYERS)
def test_a_players_text_is_read_back_as_his_name(player):
    """Whatever parts his name has, and whatever stands in the team's."""
    assert player_name(EVENT.text(player)) == player.name
    assert player_name(f"{EVENT.text(player)} 2+") == player.name


def test_a_variant_stands_in_the_specifier_and_before_each_outcome():
    """As captured: exact goals are sr:exact_goals:6+."""
    variant = "sr:exact_goals:6+"
    assert spelt("4926", "", ["0", "6+"]) == [
        ("21", f"variant={variant}", [(f"{variant}:68", ""), (f"{variant}:74", "")])
    ]


def test_outcomes_stand_in_the_order_of_their_ids():
    """Double chance is 1X, 12, X2: a parser that counts positions fails."""
    assert spelt("4693", "", ["1X", "X2", "12"]) == [("10", "", [("9", ""), ("10", ""), ("11", "")])]


def test_the_goal_of_a_scorer_stands_before_the_type():
    """goalnr=1|type=prematch."""
    assert spelt("129110", "1", ["Carlinhos"])[0][:2] == ("38", "goalnr=1|type=prematch")


def test_a_counted_player_market_is_one_object_at_its_count():
    """MSport's 1413: the line is in the specifier, the outcome is the player."""
    assert spelt("x-player_shots_on_target_count", "2", ["Carlinhos"], "msport") == [
        ("1413", "count=2", [("sr:player:1006665", "Carlinhos (Real (B) Madrid)")])
    ]


def test_a_quote_of_nobody_is_an_error():
    """A player who does not play was priced: the world is wrong."""
    with pytest.raises(KeyError):
        spelt("129108", "", ["Nobody"])
