"""Killing the server at any moment, while an outsider writes down what it has shown."""

import json
import os
import random
import signal
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from overround.storage.packing import unpack_odds
from tests.support.processes import PATIENCE_S, Served, environment, served, simulated

pytestmark = pytest.mark.slow

KILLS = 2
Shown = tuple[str, str, str, str, int]  # sportradar id, bookmaker, market id, line, changed at in ms


def test_what_a_client_has_seen_is_in_the_history_once_whenever_the_server_dies(tmp_path: Path):
    """I2, seen from outside: killed after a random number of frames with prices, started again, nothing lost or doubled."""
    moments = random.Random(2)
    seen: dict[Shown, dict[str, float]] = {}
    epochs: list[str] = []
    with simulated("--events", "40", "--moves", "60", "--market-moves", "5", "--latency", "0.1") as base_urls:
        env = environment(tmp_path, base_urls)
        for _ in range(KILLS):
            with served(env, "--no-schedule") as server:
                epochs.append(_watch_until_killed(server, moments.randint(1, 8), seen))
        with served(env, "--no-schedule"):
            pass  # the last process writes what waits in the spool, and ends
    assert len(set(epochs)) == KILLS
    assert len(seen) > 200
    stored, times = _history(tmp_path)
    assert {key: stored.get(key) for key in seen} == seen
    assert max(times.values()) == 1
    assert _differing_from_their_last_history_row(tmp_path) == 0


def _watch_until_killed(server: Served, frames: int, seen: dict[Shown, dict[str, float]]) -> str:
    """Start a run, note every price that arrives, kill the server at this frame, and return its epoch."""
    with connect(server.address.replace("http", "ws", 1) + "/api/ws", max_size=None) as link:
        epoch = json.loads(link.recv())["data"]["epoch"]
        subscription = {"type": "subscribe", "topics": ["odds_updates"], "filter": {"markets": "all"}}
        link.send(json.dumps(subscription))
        server.post("/api/scrape")
        for _ in range(frames):
            _note(_next_update(link, seen), seen)
        os.kill(server.process.pid, signal.SIGKILL)
        with suppress(ConnectionClosed):
            while True:  # what was on its way has been shown as well
                _note(json.loads(link.recv(PATIENCE_S)), seen)
    server.process.wait(PATIENCE_S)
    return epoch


def _next_update(link: ClientConnection, seen: dict[Shown, dict[str, float]]) -> dict[str, Any]:
    while True:
        message = json.loads(link.recv(PATIENCE_S))
        if message["type"] == "odds_update" and message["data"].get("changes"):
            return message  # new matches come first, and have no prices yet
        _note(message, seen)


def _note(message: dict[str, Any], seen: dict[Shown, dict[str, float]]) -> None:
    data = message.get("data", {})
    parts = {"snapshot": "markets", "odds_update": "changes"}
    for row in data.get(parts.get(message["type"], ""), []):
        key = (row["sportradar_id"], row["bookmaker"], row["market_id"], row["line"], _ms(row["changed_at"]))
        seen[key] = {outcome["name"]: outcome["odds"] for outcome in row["outcomes"] if outcome["odds"]}


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def _history(folder: Path) -> tuple[dict[Shown, dict[str, float]], Counter[Shown]]:
    """Return every row of the history as a client sees it, and how often each is there."""
    stored: dict[Shown, dict[str, float]] = {}
    times: Counter[Shown] = Counter()
    with closing(sqlite3.connect(folder / "overround.db")) as db:
        names = {number: json.loads(text) for number, text in db.execute("SELECT id, names FROM outcome_set")}
        rows = db.execute(
            """
            SELECT sportradar_id, bookmaker, market_id, line, at, outcome_set_id, odds FROM odds_history
            JOIN listing ON listing.id = listing_id JOIN market_key ON market_key.id = market_key_id
            """
        )
        for *key, outcome_set, odds in rows:
            shown: Shown = tuple(key)
            prices = zip(names[outcome_set], unpack_odds(odds), strict=True)
            stored[shown] = {name: milli / 1000 for name, milli in prices if milli}
            times[shown] += 1
    return stored, times


def _differing_from_their_last_history_row(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "overround.db")) as db:
        return db.execute(
            """
            SELECT count(*) FROM odds_current AS c LEFT JOIN odds_history AS h
            ON h.listing_id = c.listing_id AND h.market_key_id = c.market_key_id AND h.change_id = c.version
            WHERE h.change_id IS NULL OR h.odds != c.odds OR h.suspended != c.suspended OR c.version != (
                SELECT max(change_id) FROM odds_history AS newest
                WHERE newest.listing_id = c.listing_id AND newest.market_key_id = c.market_key_id
            )
            """
        ).fetchone()[0]
