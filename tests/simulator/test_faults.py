"""The fault plan."""

import pytest

from overround.simulator.faults import KINDS, Fault, FaultPlan, parse_fault

BOOKMAKERS = ("betpawa", "bet9ja")


def test_a_share_strikes_that_share_of_requests():
    """5 % of the requests, spread over all of them."""
    plan = FaultPlan([Fault("betpawa", "429", 0.05)])
    struck = [plan.pick("betpawa", f"/event/{n}") is not None for n in range(4_000)]
    assert 150 < sum(struck) < 250
    assert sum(struck[:2_000]) > 60


def test_the_same_requests_fail_whatever_the_order():
    """Requests run at once and in any order; which of them fail depends on the request and its attempt alone."""
    faults, names = [Fault("betpawa", "500", 0.3)], [f"/event/{n}" for n in range(200)]
    forward, backward = FaultPlan(faults, seed=3), FaultPlan(faults, seed=3)
    first = {name: forward.pick("betpawa", name) for name in names}
    assert first == {name: backward.pick("betpawa", name) for name in reversed(names)}
    again = {name: forward.pick("betpawa", name) for name in names}
    assert again != first  # a retry is another attempt
    assert again == {name: backward.pick("betpawa", name) for name in names}


def test_a_bookmaker_without_faults_has_none():
    """Trouble stays where it was planned."""
    plan = FaultPlan([Fault("bet9ja", "down")])
    assert plan.pick("betpawa", "/event/1") is None
    assert plan.pick("bet9ja", "/event/1") == Fault("bet9ja", "down")


def test_the_first_fault_that_strikes_wins():
    """Two faults of one bookmaker don't mix in one answer."""
    certain, other = Fault("betpawa", "403"), Fault("betpawa", "429")
    assert FaultPlan([certain, other]).pick("betpawa", "/") == certain


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_for(kind):
    """`--fault bookmaker:kind:share`, the share left out means always, "all" means every bookmaker."""
    assert parse_fault(f"bet9ja:{kind}:0.25", BOOKMAKERS) == [Fault("bet9ja", kind, 0.25)]
    assert parse_fault(f"all:{kind}", BOOKMAKERS) == [Fault("betpawa", kind), Fault("bet9ja", kind)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("msport:429", "unknown bookmaker"),
        ("betpawa", "unknown kind"),
        ("betpawa:418", "unknown kind"),
        ("betpawa:429:0", "share"),
        ("betpawa:429:1.5", "share"),
        ("betpawa:429:often", "share"),
    ],
)
def test_bad_faults_are_refused_in_one_sentence(text, says):
    """The sentence repeats what was typed and says what may stand there."""
    with pytest.raises(ValueError, match=says) as refusal:
        parse_fault(text, BOOKMAKERS)
    assert text in str(refusal.value)
