"""Alerts over REST and WebSocket: who may do what, what is never shown."""

import asyncio

import aiohttp
import pytest

from overround.api.security import Policy
from overround.log import hidden
from tests.api.conftest import running
from tests.support.api import KICKOFF, header, three_way
from tests.support.storage import opened

EVENT = "69000001"
GAPS = {"name": "gaps", "condition": "gap", "threshold": 0.05, "channels": ["ops"], "cooldown_s": 0}
URL = "https://hooks.example.org/services/T0123456/very-secret-token"


def gap_in(world, event=EVENT) -> None:
    world.offer(event, "sportybet", [three_way()], header(event))
    world.offer(event, "betpawa", [three_way(2.60)], header(event))
    world.analysis.catch_up()
    world.alerting.watcher.catch_up()


@pytest.fixture
async def stored(world, served, tmp_path):
    """A served world whose alerting has a database."""
    async with opened(tmp_path) as store:
        world.alerting.store.open(store.repository.database)
        await world.alerting.start()
        yield served
        await world.alerting.stop()


async def test_from_a_rule_to_an_acknowledged_alert(world, stored):
    """A rule is made, something is found, shown, sent, and taken note of."""
    rule = await stored.call("POST", "/api/alerts/rules", 201, json=GAPS)
    assert rule["spec"]["condition"] == "gap" and rule["threshold"] == 0.05
    gap_in(world)
    answer = await stored.get("/api/alerts")
    (alert,) = answer["alerts"]
    assert (answer["total"], alert["rule"], alert["market"], alert["home"]) == (1, "gaps", "1X2", "Arsenal")
    assert [each["channel"] for each in alert["deliveries"]] == ["ops"]
    assert (await stored.get("/api/alerts?competition=football-ghana-x"))["total"] == 0
    taken = await stored.call("POST", f"/api/alerts/{alert['id']}/acknowledge")
    assert [each["acknowledged_by"] for each in taken["alerts"]] == ["loopback"]
    snoozed = await stored.call("POST", f"/api/alerts/{alert['id']}/snooze", json={"until": "kickoff"})
    assert snoozed["alerts"][0]["snoozed_until"] == KICKOFF.isoformat(timespec="milliseconds").replace(
        "+00:00", "Z"
    )
    (standing,) = (await stored.get("/api/alerts/rules"))["rules"]
    assert (standing["open"], standing["hits_24h"]) == (1, 1)
    assert await stored.call("DELETE", f"/api/alerts/rules/{rule['id']}") == {"deleted": rule["id"]}
    (kept,) = (await stored.get("/api/alerts?state=all"))["alerts"]
    assert kept["resolved_by"] == "rule"


REFUSED = [
    ("POST", "/api/alerts/rules", {"name": "x", "condition": "weather"}, 422),
    ("POST", "/api/alerts/rules", {"name": "x", "condition": "gap", "typo": 1}, 422),
    ("POST", "/api/alerts/rules/preview", {"name": "x", "condition": "gap", "threshold": 99}, 422),
    ("PUT", "/api/alerts/rules/none", GAPS, 404),
    ("DELETE", "/api/alerts/rules/none", None, 404),
    ("POST", "/api/alerts/none/acknowledge", None, 404),
    ("POST", "/api/alerts/none/snooze", {"minutes": 15}, 404),
    ("POST", "/api/alerts/none/snooze", {"minutes": 15, "until": "kickoff"}, 422),
    ("POST", "/api/alerts/channels", {"name": "Ops!", "url": URL}, 422),
    ("POST", "/api/alerts/channels", {"name": "ops", "url": URL}, 422),
    ("POST", "/api/alerts/channels", {"name": "other", "url": "no address"}, 422),
    ("POST", "/api/alerts/channels/none/test", None, 404),
    ("DELETE", "/api/alerts/channels/none", None, 404),
    ("DELETE", "/api/alerts/channels/ops", None, 422),
]


async def test_what_can_not_be_done_is_a_problem(stored):
    """One sentence each."""
    for method, path, body, status in REFUSED:
        answer = await stored.call(method, path, status, json=body)
        assert answer["detail"] and "token" not in answer["detail"]


async def test_an_address_is_never_shown_and_its_secret_once(stored):
    """Neither in the list nor in a log line; a rule that sends there holds it."""
    made = await stored.call("POST", "/api/alerts/channels", 201, json={"name": "desk", "url": URL})
    assert made["url"] == "https://hooks.example.org/…" and len(made["secret"]) > 30
    listed = await stored.get("/api/alerts/channels")
    assert [each["name"] for each in listed["channels"]] == ["desk", "ops"]
    assert "token" not in str(listed) and made["secret"] not in str(listed)
    assert hidden(f"{URL} {made['secret']} very-secret-token").count("[hidden]") == 3
    assert await stored.call("POST", "/api/alerts/channels/desk/test") == {"ok": True, "reason": ""}
    rule = await stored.call("POST", "/api/alerts/rules", 201, json={**GAPS, "channels": ["desk"]})
    refused = await stored.call("DELETE", "/api/alerts/channels/desk", 422)
    assert "rule gaps sends to it" in refused["detail"]
    await stored.call("DELETE", f"/api/alerts/rules/{rule['id']}")
    await stored.call("DELETE", "/api/alerts/channels/desk")


async def test_a_preview_says_what_it_can_know(world, stored):
    """Nothing is made by it."""
    gap_in(world)
    said = await stored.call("POST", "/api/alerts/rules/preview", json=GAPS)
    assert (said["open_now"], said["fired"]) == (1, 0) and said["method"] and said["limits"]
    assert (await stored.get("/api/alerts/rules"))["rules"] == []


async def test_who_may_do_what(world, tmp_path):
    """Viewers look, operators make rules and take note, only admins say where things are sent."""
    viewer, operator = world.access.add("viewer"), world.access.add("operator")
    async with running(world, tmp_path / "static", Policy(key_required=True)) as locked:
        for key, path, body, status in (
            (viewer, "/api/alerts/rules", GAPS, 403),
            (viewer, "/api/alerts/rules/preview", GAPS, 200),
            (viewer, "/api/alerts/x/acknowledge", None, 403),
            (operator, "/api/alerts/x/acknowledge", None, 404),
            (operator, "/api/alerts/channels", {"name": "x", "url": URL}, 403),
        ):
            await locked.call("POST", path, status, json=body, headers={"authorization": f"Bearer {key}"})


async def test_the_topic_carries_rows_of_the_list(world, stored):
    """A page that has read the list goes on with it."""
    await stored.call("POST", "/api/alerts/rules", 201, json={**GAPS, "channels": []})
    async with stored.client.ws_connect("/api/ws") as socket:
        await socket.send_json({"type": "subscribe", "topics": ["alerts"]})
        while (await socket.receive_json())["type"] != "subscribed":
            pass
        gap_in(world)
        message = await asyncio.wait_for(_alert(socket), 5)
    (row,) = (await stored.get("/api/alerts"))["alerts"]
    assert message["data"] == row


async def _alert(socket: aiohttp.ClientWebSocketResponse) -> dict:
    while (message := await socket.receive_json())["type"] != "alert":
        pass
    return message
