"""Rules as people write them: what is refused, what is made plain, which hours are quiet."""

from datetime import timedelta

import pytest

from overround.domain.alerts import CONDITIONS, QuietHours, RuleSpec, Scope, checked_rule
from overround.errors import ConfigError
from tests.support.clock import START

BOOKS = ("betpawa", "sportybet", "bet9ja")


def spec(**parts) -> RuleSpec:
    return RuleSpec(**{"name": "gaps", "condition": "gap", **parts})


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"threshold": 0.0}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"upper": 0.1}, "upper"),
        ({"condition": "margin", "threshold": 0.2}, "upper"),
        ({"cooldown_s": -1}, "cooldown_s"),
        ({"channels": ("nowhere",)}, "channels"),
        ({"quiet_hours": QuietHours("24:00", "07:00", "UTC")}, "quiet_hours"),
        ({"quiet_hours": QuietHours("22:00", "22:00", "UTC")}, "quiet_hours"),
        ({"quiet_hours": QuietHours("22:00", "07:00", "Nowhere/Town")}, "quiet_hours"),
        ({"quiet_hours": QuietHours("22:00", "07:00", "../etc/passwd")}, "quiet_hours"),
        ({"scope": Scope(bookmakers=("bet365",))}, "scope.bookmakers"),
        ({"scope": Scope(markets=("5000:high",))}, "scope.markets"),
        ({"scope": Scope(kickoff_within_min=-5)}, "scope.kickoff_within_min"),
    ],
)
def test_a_rule_we_can_not_work_with_is_refused_by_field(parts, field):
    """The form shows it beside the field."""
    with pytest.raises(ConfigError) as refused:
        checked_rule(spec(**parts), BOOKS, ("ops",))
    assert refused.value.setting == field


def test_a_rule_is_kept_in_canonical_form():
    """Lines plain, nothing twice, bookmakers in our order; thresholds from the condition where none is given."""
    scope = Scope(markets=("5000:2.50", "3743", "3743"), bookmakers=("bet9ja", "sportybet"))
    checked = checked_rule(spec(scope=scope, channels=("ops", "ops")), BOOKS, ("ops",))
    assert checked.scope.markets == ("5000:2.5", "3743")
    assert checked.scope.bookmakers == ("sportybet", "bet9ja")
    assert checked.channels == ("ops",) and checked.bounds == (CONDITIONS["gap"].default, None)


@pytest.mark.parametrize(
    ("hours", "hour", "quiet"),
    [
        (QuietHours("13:00", "14:00", "Africa/Lagos"), 0, True),  # 12:00 UTC is 13:00 there
        (QuietHours("13:00", "14:00", "Africa/Lagos"), 1, False),
        (QuietHours("22:00", "07:00", "UTC"), 10, True),
        (QuietHours("22:00", "07:00", "UTC"), 18.9, True),
        (QuietHours("22:00", "07:00", "UTC"), 19, False),
        (QuietHours("22:00", "07:00", "UTC"), 9.9, False),
    ],
)
def test_quiet_hours_are_of_a_zone_and_may_span_midnight(hours, hour, quiet):
    """The start belongs to them, the end does not."""
    assert hours.covers(START + timedelta(hours=hour)) is quiet
