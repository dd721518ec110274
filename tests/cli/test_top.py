"""`overround top`: whose prices count, what the board says of each, and what a pipe gets."""

import asyncio
import io
from datetime import timedelta

import pytest
from rich.console import Console
from typer.testing import CliRunner

from overround.cli.ask_server import NoServer
from overround.cli.top_rows import Look, events_ahead, parse_markets, rows_of
from overround.cli.top_screen import Head, screen
from overround.client import Book, Competition, Event, Health, Listing, Market, Outcome, Source
from overround.client.messages import Snapshot
from overround.clock import SystemClock
from overround.config import packaged_catalogue
from overround.errors import ConfigError
from tests.api.conftest import running
from tests.support.api import World, header, three_way
from tests.support.cli import app
from tests.support.clock import START
from tests.support.processes import run_command

LOOK = Look(parse_markets("3743,5000"), stale_after_s=600)


def event(sportradar_id: str, hours: float, country: str = "Nigeria") -> Event:
    place = Competition("x", "NPFL", country)
    return Event(
        sportradar_id, f"Home {sportradar_id}", "Simba", START + timedelta(hours=hours), place, "football"
    )


def listed(
    bookmaker: str, odds: float, *, age_s: float = 10, state: str = "open", suspect=(), market=("3743", "")
):
    """Return a listing and its market, all outcomes at the same odds."""
    at = START - timedelta(seconds=age_s)
    outcomes = tuple(
        Outcome(name, odds, "suspended" if state == "suspended" else "open") for name in ("1", "X", "2")
    )
    return (
        Listing("1", bookmaker, "open", at, at, {}),
        Market("1", bookmaker, *market, state, suspect, at, 0.05, outcomes),
    )


def book_of(*parts, events=(event("1", 2),)) -> Book:
    book = Book()
    listings, markets = zip(*parts, strict=True) if parts else ((), ())
    book.add(Snapshot(1, True, events, listings, markets))
    return book


def row_of(*parts):
    book = book_of(*parts)
    return rows_of(book, events_ahead(book, LOOK, START), LOOK, START, 10)[0]


def test_the_gap_is_to_the_median_of_those_whose_prices_count():
    """Stale, suspect, suspended and withdrawn rivals are no measure."""
    row = row_of(
        listed("betpawa", 2.2), listed("sportybet", 2.0), listed("msport", 1.9, age_s=30), listed("betway", 2.1),
        listed("bet9ja", 9.0, age_s=601), listed("betika", 9.0, suspect=("outlier",)),
        listed("x", 9.0, state="suspended"), listed("y", 9.0, state="withdrawn"),
    )  # fmt: skip
    assert (row.rivals, row.own_age_s, row.rivals_age_s, row.excluded) == (3, 10, 30, "")
    assert row.prices[0].gap == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("own", "excluded"),
    [
        ([listed("betpawa", 2.2, age_s=601)], "stale"),
        ([listed("betpawa", 2.2, suspect=("outlier",))], "suspect"),
        ([listed("betpawa", 2.2, state="suspended")], "suspended"),
        ([], "not offered"),
    ],
)
def test_our_price_that_does_not_count_has_no_gap(own, excluded):
    """And says why, as a number without its state would lie."""
    row = row_of(*own, listed("sportybet", 2.0))
    assert (row.excluded, {price.gap for price in row.prices}) == (excluded, {None})


def test_the_next_match_comes_first_and_begun_ones_are_gone():
    """A country is found however it is written."""
    events = (event("3", 30, "Côte d'Ivoire"), event("2", 1), event("1", 2), event("4", -1))
    book = book_of(events=events)
    assert [each.sportradar_id for each in events_ahead(book, LOOK, START)] == ["2", "1", "3"]
    chosen = Look(LOOK.markets, "cote d'ivoire")
    assert [each.sportradar_id for each in events_ahead(book, chosen, START)] == ["3"]


def test_markets_stand_in_the_order_they_were_named_lines_as_numbers():
    """2.5 before 10.5, and no more rows than fit."""
    lines = [listed("betpawa", 2.0, market=("5000", line)) for line in ("10.5", "2.5")]
    book = book_of(*lines, listed("betpawa", 2.0))
    for limit in (3, 2):
        rows = rows_of(book, list(book.events.values()), LOOK, START, limit)
        assert [(row.market_id, row.line) for row in rows] == [
            ("3743", ""),
            ("5000", "2.5"),
            ("5000", "10.5"),
        ][:limit]


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (Health(True, 1.0, 0, "", {}), "● connected, heard 1s ago"),
        (Health(True, 16.0, 0, "", {}), "■ silent for 16s"),
        (
            Health(False, 70.0, 1, "cut [red]", {}),
            "▲ connection lost (cut [red]), trying again; prices as of 1m ago",
        ),
    ],
)
def test_the_state_of_the_link_is_said_in_words(health, said):
    """Colour alone tells nothing, and a reason can't style the screen."""
    assert said in shown(book_of(listed("betpawa", 2.0)), health)


def test_the_board_shows_price_gap_age_and_sources():
    """Blocked prices stand in brackets, a source that is down says since when and why."""
    source = Source("bet9ja", "down", "timeouts", START - timedelta(minutes=5))
    health = Health(True, 1.0, 0, "", {"bet9ja": source})
    text = shown(book_of(listed("betpawa", 2.2), listed("sportybet", 2.0, age_s=40)), health)
    assert "14:00Z 2h" in text and "2.20 +10.0" in text and "sportybet" not in text and "betpawa 10s" in text
    assert "▲ bet9ja down 5m: timeouts" in text
    assert "(2.20)" in shown(book_of(listed("betpawa", 2.2, age_s=700)), health)
    assert "stale 11m" in shown(book_of(listed("betpawa", 2.2, age_s=700)), health, width=80)


def shown(book: Book, health: Health, width: int = 140) -> str:
    head = Head("http://x", "simulated", health, START, 1, None)
    console = Console(width=width, record=True, file=io.StringIO())
    rows = rows_of(book, events_ahead(book, LOOK, START), LOOK, START, 10)
    console.print(screen(head, rows, width, packaged_catalogue()))
    return console.export_text()


@pytest.mark.slow
async def test_a_pipe_gets_the_board_once(tmp_path):
    """From a real server, without codes for a terminal."""
    world = World(SystemClock())
    kickoff_at = world.clock.now() + timedelta(hours=3)
    world.offer("1", "betpawa", [three_way()], header("1", kickoff_at=kickoff_at))
    async with running(world, tmp_path / "static") as server:
        done = await asyncio.to_thread(run_command, "top", "--url", f"http://127.0.0.1:{server.port}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Arsenal - Simba" in done.stdout and "2.41" in done.stdout and "▲ bet9ja down" in done.stdout
    assert "\x1b" not in done.stdout


def test_what_cannot_work_is_said_at_once():
    """No market, or nobody who answers."""
    assert isinstance(CliRunner().invoke(app, ["top", "--markets", ","]).exception, ConfigError)
    assert isinstance(CliRunner().invoke(app, ["top", "--url", "http://127.0.0.1:1"]).exception, NoServer)
