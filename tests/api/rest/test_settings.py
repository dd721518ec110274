"""Settings: stored, then applied, then told to everybody."""

import asyncio

import pytest

from overround.config import SETTINGS


async def test_every_setting_explains_itself(served):
    """Value, default, bounds, unit and effect."""
    rows = await served.get("/api/settings")
    assert [row["key"] for row in rows] == list(SETTINGS)
    row = next(row for row in rows if row["key"] == "stale_after_s")
    assert {**row, "effect": ""} == {
        "key": "stale_after_s", "value": 600, "default": 600, "min": 30, "max": 7200, "unit": "s", "effect": "",
    }  # fmt: skip


async def test_a_change_is_stored_applied_and_pushed(world, served):
    """I11: the next answer carries it, and so does every open page."""
    async with served.client.ws_connect("/api/ws") as socket:
        await socket.send_json({"type": "subscribe", "topics": ["status"]})
        rows = await served.call("PATCH", "/api/settings", json={"stale_after_s": 300})
        while (message := await socket.receive_json())["type"] != "settings_changed":
            pass
    assert message["data"] == {"stale_after_s": 300}
    assert next(row["value"] for row in rows if row["key"] == "stale_after_s") == 300
    assert world.store.saved == {"stale_after_s": 300}
    assert (await served.get("/api/events"))["stale_after_s"] == 300


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"stale_after_s": 300, "nonsense": 1}, "nonsense"),
        ({"stale_after_s": 300, "batch_size": 0}, "batch_size"),
        ({"stale_after_s": "300"}, "stale_after_s"),
        ({"enabled_bookmakers": ["nobody"]}, "enabled_bookmakers"),
        ([1], "object"),
        ("x", "object"),
    ],
)
async def test_one_bad_key_refuses_all(world, served, body, word):
    """Nothing is stored, nothing changes, the sentence names the key."""
    before = world.settings.all()
    problem = await served.call("PATCH", "/api/settings", status=422, json=body)
    assert word in problem["detail"]
    assert (world.settings.all(), world.store.saved) == (before, {})


async def test_what_could_not_be_stored_does_not_apply(world, served):
    """A setting that is gone after a restart would be a lie."""
    world.store.is_broken = True
    problem = await served.call("PATCH", "/api/settings", status=503, json={"stale_after_s": 300})
    assert "disk full" in problem["detail"]
    assert world.settings.number("stale_after_s") == 600


async def test_what_is_stored_last_applies_last(world, served):
    """Two people change one setting at once: memory and disk agree afterwards."""
    calls = [served.call("PATCH", "/api/settings", json={"stale_after_s": 60 + n}) for n in range(5)]
    await asyncio.gather(*calls)
    assert world.settings.number("stale_after_s") == world.store.saved["stale_after_s"]
