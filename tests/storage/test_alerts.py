"""Rules, channels, alerts and deliveries in both databases."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from overround.domain.alerts import (
    Alert,
    AlertFilter,
    Channel,
    Delivery,
    QuietHours,
    Rule,
    RuleSpec,
    Scope,
)
from overround.errors import StorageError
from overround.storage.alerts import AlertStore
from tests.support.clock import START
from tests.support.storage import Backend

HOUR = timedelta(hours=1)


def alert(number: int, rule: str = "r1", event: str = "69000001") -> Alert:
    return Alert(
        f"a{number}", rule, "gaps", "gap", f"{rule}|{event}", "title", "detail", 0.1, START + number * HOUR,
        event, kickoff_at=START + 9 * HOUR,
    )  # fmt: skip


async def test_what_people_chose_comes_back_as_it_went_in(backend: Backend, tmp_path: Path):
    """Rules with all their parts, channels with what signs them; both can be changed and forgotten."""
    spec = RuleSpec(
        name="gaps", condition="gap", threshold=0.05, scope=Scope(markets=("5000:2.5",), kickoff_within_min=60),
        quiet_hours=QuietHours("22:00", "07:00", "Africa/Lagos"), channels=("ops",),
    )  # fmt: skip
    rule = Rule("r1", spec, START, START)
    channel = Channel("ops", "webhook", "https://example.org/hook", "secret", "admin", START)
    async with backend.opened(tmp_path) as store:
        alerts = AlertStore(store.repository.database)
        await alerts.save_rule(rule)
        renamed = msgspec.structs.replace(rule, spec=msgspec.structs.replace(spec, name="all gaps"))
        await alerts.save_rule(renamed)
        await alerts.save_channel(channel)
        assert (await alerts.rules(), await alerts.channels()) == ([renamed], [channel])
        await alerts.delete_rule("r1")
        await alerts.delete_channel("ops")
        assert (await alerts.rules(), await alerts.channels()) == ([], [])


async def test_alerts_come_back_as_they_are_now(backend: Backend, tmp_path: Path):
    """Saving again replaces; pages are newest first; what waits comes with its alert."""
    first, second, other = alert(1), alert(2, event="69000002"), alert(3, "r2")
    ended = msgspec.structs.replace(
        first, resolved_at=START + 2 * HOUR, resolved_by="ended", snoozed_until=START, acknowledged_by="ada"
    )
    waiting = Delivery("a2-ops", "a2", "ops", "waiting", START)
    done = Delivery("a1-ops", "a1", "ops", "delivered", START, 2, "", START + HOUR)
    async with backend.opened(tmp_path) as store:
        alerts = AlertStore(store.repository.database)
        await alerts.save([first, second, other], [waiting])
        for _ in range(2):
            await alerts.save([ended], [done])
        assert await alerts.open_alerts() == [second, other]
        assert await alerts.waiting() == [(waiting, second)]
        page = await alerts.page(AlertFilter(), 2, 1)
        assert (page.alerts, page.total) == ((second, ended), 3)
        assert page.deliveries == {"a2": (waiting,), "a1": (done,)}
        assert (await alerts.page(AlertFilter(open_only=True, rule_id="r2"), 9, 0)).alerts == (other,)
        assert (await alerts.page(AlertFilter(sportradar_id="69000002"), 9, 0)).alerts == (second,)
        assert await alerts.hits(START + 2 * HOUR) == {"r1": 1, "r2": 1}
        assert await alerts.opened_since(START + 3 * HOUR) == {"r2|69000001": START + 3 * HOUR}


async def test_nothing_is_asked_of_a_database_that_is_not_open():
    """The start tells it as it tells everything of the storage."""
    with pytest.raises(StorageError, match="not open yet"):
        await AlertStore().open_alerts()
