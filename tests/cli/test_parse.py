"""`overround parse`: what the product reads of one recorded answer."""

import json

import pytest
from typer.testing import CliRunner

from overround.errors import ConfigError
from tests.support.cli import app
from tests.support.payloads import FOLDER, needs_payloads

COUNTS = {"markets", "outcomes", "open", "suspended", "unmapped_markets", "unmapped_outcomes"}


def parsed(*arguments: str) -> dict:
    done = CliRunner().invoke(app, ["parse", *arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


class TestCaptured:
    pytestmark = needs_payloads

    @pytest.mark.parametrize(
        ("bookmaker", "file"),
        [
            ("betpawa", "prematch.json"), ("betpawa", "double_chance_1up_ft.json"), ("betpawa", "basketball.json"),
            ("sportybet", "prematch.json"), ("sportybet", "live.json"), ("sportybet", "basketball.json"),
            ("bet9ja", "prematch.json"), ("bet9ja", "live.json"), ("bet9ja", "basketball.json"),
        ],
    )  # fmt: skip
    def test_every_event_detail_can_be_read(self, bookmaker, file):
        """Prematch and live, football and other sports; the counts are those of what is listed."""
        event = parsed(bookmaker, str(FOLDER / bookmaker / file))
        outcomes = [outcome for market in event["markets"] for outcome in market["outcomes"]]
        assert event["bookmaker"] == bookmaker and event["sportradar_id"].isdigit()
        assert event["kickoff_at"].endswith("Z")
        assert set(event["counts"]) == COUNTS
        assert event["counts"]["markets"] == len(event["markets"])
        assert event["counts"]["outcomes"] == len(outcomes)
        assert event["counts"]["unmapped_outcomes"] == sum(gap["outcomes"] for gap in event["unmapped"])
        assert all(outcome["odds"] is None or outcome["odds"] > 1 for outcome in outcomes)

    def test_the_three_answers_about_one_match_agree(self):
        """The same 1X2 at three bookmakers, under one key."""
        one_x_two = {
            code: next(
                {outcome["name"]: outcome["odds"] for outcome in market["outcomes"]}
                for market in parsed(code, str(FOLDER / code / "prematch.json"))["markets"]
                if market["market_id"] == "3743"
            )
            for code in ("betpawa", "sportybet", "bet9ja")
        }
        assert one_x_two["betpawa"] == {"1": 2.41, "X": 3.29, "2": 3.02}
        for prices in one_x_two.values():
            assert all(abs(prices[name] / odds - 1) < 0.1 for name, odds in one_x_two["betpawa"].items())

    @pytest.mark.parametrize(
        ("bookmaker", "file"),
        [
            ("bet9ja", "bet9ja/dc_1x2_1up_catalogue.json"),
            ("betpawa", "sportybet/prematch.json"),
            ("sportybet", "bet9ja/prematch.json"),
            ("sportpesa", "sportpesa/games_upcoming.json"),
        ],
    )
    def test_another_file_is_refused_in_one_sentence(self, bookmaker, file):
        """It names the file and what is wrong with it."""
        with pytest.raises(ConfigError, match=f"is no event detail of {bookmaker}"):
            CliRunner().invoke(app, ["parse", bookmaker, str(FOLDER / file)], catch_exceptions=False)


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"\xff\xfe", b"[]", b"{}", b'{"a": NaN}', b"[" * 100_000]
)
@pytest.mark.parametrize("bookmaker", ["betpawa", "sportybet", "bet9ja", "sportpesa"])
def test_garbage_is_refused_in_one_sentence(tmp_path, bookmaker, content):
    """Never a traceback, never a price."""
    file = tmp_path / "body.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="is no event detail"):
        CliRunner().invoke(app, ["parse", bookmaker, str(file)], catch_exceptions=False)


def test_an_unknown_bookmaker_or_file_is_named(tmp_path):
    """The sentence says which words would do."""
    with pytest.raises(ConfigError, match="choose from betpawa"):
        CliRunner().invoke(app, ["parse", "acme", "x.json"], catch_exceptions=False)
    with pytest.raises(ConfigError, match="can't be read"):
        CliRunner().invoke(app, ["parse", "betpawa", str(tmp_path / "missing.json")], catch_exceptions=False)


def test_a_market_without_any_outcome_shown_is_left_out(tmp_path):
    """Inactive without a last price is not offered: such a market is neither listed nor counted."""

    def market(market_id, ids, odds, active):
        outcomes = [{"id": each, "odds": odds, "isActive": active} for each in ids]
        return {"id": market_id, "status": 0, "outcomes": outcomes}

    event = {
        "eventId": "sr:match:1", "estimateStartTime": 1778065200000, "status": 0, "homeTeamName": "A",
        "awayTeamName": "B", "sport": {"id": "sr:sport:1"},
        "markets": [market("1", "123", "2.90", 1), market("29", ("74", "76"), "0.00", 0)],
    }  # fmt: skip
    file = tmp_path / "body.json"
    file.write_text(json.dumps({"bizCode": 10000, "data": event}))
    read = parsed("sportybet", str(file))
    assert [market["market_id"] for market in read["markets"]] == ["3743"]
    assert read["counts"]["markets"] == 1
