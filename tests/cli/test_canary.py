"""`overround canary`: what a person sees of each bookmaker, and the exit code."""

import json

import pytest

from overround.config import BOOKMAKERS
from overround.errors import ConfigError
from overround.scraping.canary import expectation
from overround.simulator.faults import Fault, FaultPlan
from tests.support.canary_sites import simulated_sites

THREE = ("betpawa", "sportybet", "bet9ja")


def reports(done) -> dict:
    return {report["bookmaker"]: report for report in json.loads(done.stdout)["bookmakers"]}


@pytest.mark.parametrize("code", BOOKMAKERS)
async def test_a_bookmaker_as_we_know_it_is_ok(code):
    """Shape, mapping, main markets and Sportradar ids are those of the expectation; a handful of requests."""
    async with simulated_sites(code) as sites:
        done = await sites.canary(code, "--json")
        report = reports(done)[code]
        assert (done.exit_code, report["verdict"], report["reasons"], report["shapes"]) == (0, "ok", [], {})
        assert report["listed"] and report["identified"] and report["mapped_share"] > 0.5
        assert report["event"] and report["wire_bytes"] and report["body_bytes"] > report["wire_bytes"]
        most = sum(expectation(code).pages.values()) + 6
        assert report["requests"] == sites.server.served[code].requests <= most


async def test_without_a_name_all_are_asked_in_one_screen():
    """A line per bookmaker, then what does not fit into it."""
    async with simulated_sites(*THREE) as sites:
        done = await sites.canary()
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:4]] == [[code, "ok"] for code in THREE]
    assert len(lines) <= 24


async def test_whom_it_asks_is_said_before_asking():
    """Host, how often at most, and under which name."""
    async with simulated_sites("bet9ja") as sites:
        host = sites.base_urls["bet9ja"].split("/")[2]
        done = await sites.canary(OVERROUND_CONTACT="ops@example.org")
    assert f"Bet9ja: asks {host} at most" in done.stderr
    assert "Overround/" in done.stderr and "ops@example.org" in done.stderr


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("403", "refused"), ("html", "refused"), ("429", "refused"), ("500", "unreachable"), ("down", "unreachable")],
)  # fmt: skip
async def test_a_refusal_is_not_argued_with(kind, verdict):
    """Exit 4 after a single request: no second try, no way around it."""
    async with simulated_sites("sportybet", faults=FaultPlan([Fault("sportybet", kind)])) as sites:
        done = await sites.canary("--json")
        assert (done.exit_code, reports(done)["sportybet"]["verdict"]) == (4, verdict)
        assert sites.server.served["sportybet"].requests == 1


@pytest.mark.parametrize("kind", ["garbage", "empty", "truncated"])
async def test_answers_that_cannot_be_read_are_a_drift(kind):
    """They answered, with something else."""
    async with simulated_sites("betpawa", faults=FaultPlan([Fault("betpawa", kind)])) as sites:
        done = await sites.canary("--json")
    assert (done.exit_code, reports(done)["betpawa"]["verdict"]) == (1, "drifted")


@pytest.mark.parametrize(
    ("code", "before", "after", "operation", "field"),
    [
        ("betpawa", b'"odds"', b'"decimal"', "events/{id}", "odds"),
        ("betpawa", b'"widgets"', b'"suppliers"', "events/lists/by-queries", "widgets"),
        ("sportybet", b'"specifier"', b'"line"', "factsCenter/event", "specifier"),
        ("sportybet", b'"homeTeamName"', b'"home"', "factsCenter/pcEvents", "homeTeamName"),
        ("bet9ja", b'"EXTID"', b'"BRID"', "GetEventsInGroupV2", "EXTID"),
    ],
)
async def test_a_renamed_field_is_named(code, before, after, operation, field):
    """The old name is missing, the new one is new; what the parser makes of it stands beside."""
    async with simulated_sites(code, renamed={before: after}) as sites:
        done = await sites.canary("--json")
    report = reports(done)[code]
    assert (done.exit_code, report["verdict"]) == (1, "drifted")
    shape = report["shapes"][operation]
    assert any(path.endswith(field) for path in shape["missing"])
    assert any(path.endswith(after.decode().strip('"')) for path in shape["new"])


async def test_a_new_field_alone_is_no_drift():
    """Bookmakers add fields every week: they are shown and break nothing."""
    async with simulated_sites("betpawa", renamed={b'"participants":': b'"mood":1,"participants":'}) as sites:
        done = await sites.canary("--json")
    report = reports(done)["betpawa"]
    assert (done.exit_code, report["verdict"]) == (0, "ok")
    assert "mood" in report["shapes"]["events/{id}"]["new"]


async def test_market_ids_that_mean_nothing_to_us_are_a_drift():
    """The shape is the same, but 1X2 has another id: the missing market is named, the unmapped are listed."""
    async with simulated_sites("betpawa", renamed={b'"id": "3743"': b'"id": "99001"'}) as sites:
        done = await sites.canary("--json")
    report = reports(done)["betpawa"]
    assert (done.exit_code, report["shapes"]) == (1, {})
    assert report["reasons"] == ["the event has no market 3743 of ours"]
    assert "99001" in [gap["id"] for gap in report["unmapped"]]


async def test_a_drift_weighs_more_than_a_refusal():
    """One exit code for all: what we must mend comes first."""
    faults = FaultPlan([Fault("sportybet", "403"), Fault("bet9ja", "garbage")])
    async with simulated_sites(*THREE, faults=faults) as sites:
        done = await sites.canary("--json")
    assert done.exit_code == 1 and json.loads(done.stdout)["verdict"] == "drifted"
    assert [report["verdict"] for report in reports(done).values()] == ["ok", "refused", "drifted"]


async def test_who_is_only_parsed_is_never_asked():
    """SportPesa refuses plain clients; a wrong name is told which ones there are."""
    async with simulated_sites("betpawa") as sites:
        with pytest.raises(ConfigError, match="guarded by a bot manager"):
            await sites.canary("sportpesa")
        with pytest.raises(ConfigError, match="choose from"):
            await sites.canary("acme")
        assert sites.server.served["betpawa"].requests == 0


async def test_no_real_site_is_asked_beside_simulated_ones():
    """A base URL that was forgotten is named, and nobody is asked."""
    async with simulated_sites("betpawa") as sites:
        with pytest.raises(ConfigError, match="sportybet is outside OVERROUND_BOOKMAKERS"):
            await sites.canary("sportybet")
        with pytest.raises(ConfigError, match=r"OVERROUND_SPORTYBET_BASE_URL: is needed"):
            await sites.canary(OVERROUND_BOOKMAKERS="betpawa,sportybet")
        assert sites.server.served["betpawa"].requests == 0
