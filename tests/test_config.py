"""Configuration: one clear sentence for a bad value, and settings that refuse as a whole."""

import pytest

from overround.config import BOOKMAKERS, SETTINGS, Settings, process_config
from overround.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OVERROUND_PORT", "eighty", "OVERROUND_PORT"),
        ("OVERROUND_PORT", "70000", "OVERROUND_PORT"),
        ("OVERROUND_WORLD", "dream", "OVERROUND_WORLD"),
        ("OVERROUND_BOOKMAKERS", "betpawa,acme", "unknown bookmaker acme"),
        ("OVERROUND_BOOKMAKERS", " , ", "names no bookmaker"),
        ("OVERROUND_BOOKMAKERS", "betpawa,sportpesa", "guarded by a bot manager"),
        ("OVERROUND_BETPAWA_BASE_URL", "ftp://x", "must be an http"),
    ],
)
def test_a_bad_variable_is_named(monkeypatch, name, value, says):
    """The process does not start, and the sentence says what to mend."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says):
        process_config()


def test_the_world_is_simulated_when_a_base_url_is_loopback(monkeypatch):
    """A forgotten variable must not mix simulated prices into live data."""
    assert process_config().effective_world() == "live"
    monkeypatch.setenv("OVERROUND_BET9JA_BASE_URL", "http://127.0.0.1:9/bet9ja")
    assert process_config().effective_world() == "simulated"
    monkeypatch.setenv("OVERROUND_WORLD", "recorded")
    assert process_config().effective_world() == "recorded"


def test_beside_simulated_bookmakers_no_real_one_is_asked(monkeypatch):
    """Three simulated ones of six: the others' real sites are left alone, unless somebody names them."""
    assert process_config().enabled == BOOKMAKERS
    monkeypatch.setenv("OVERROUND_BETPAWA_BASE_URL", "http://127.0.0.1:9/betpawa")
    monkeypatch.setenv("OVERROUND_MSPORT_BASE_URL", "http://127.0.0.1:9/msport")
    assert process_config().enabled == ("betpawa", "msport")
    assert process_config(bookmakers="bet9ja").enabled == ("bet9ja",)
    assert process_config(world="live").enabled == BOOKMAKERS


def test_every_bookmaker_has_an_address_and_a_country():
    """Nigeria where the bookmaker exists there."""
    config = process_config()
    assert {code: config.base_url(code) for code in BOOKMAKERS} == dict.fromkeys(BOOKMAKERS, "")
    assert {config.country(code) for code in BOOKMAKERS if code != "betika"} == {"ng"}
    assert config.country("betika") == "ke"


def test_the_user_agent_is_honest():
    """We say who we are and how to reach us."""
    assert process_config().user_agent.startswith("Overround/")
    assert process_config(contact="ops@example.org").user_agent.endswith("(ops@example.org)")


def test_bookmakers_are_in_our_order_whatever_was_typed():
    """The reference comes first everywhere."""
    assert process_config(bookmakers="bet9ja, BetPawa").enabled == ("betpawa", "bet9ja")


@pytest.mark.parametrize("key", [key for key, spec in SETTINGS.items() if spec.min is not None])
def test_every_number_refuses_what_is_out_of_range(key):
    """Bounds are inclusive, and a refusal names them."""
    spec, settings = SETTINGS[key], Settings()
    assert settings.check({key: spec.min}) == {key: spec.min} and settings.check({key: spec.max}) == {
        key: spec.max
    }
    for bad in (spec.min - 1, spec.max + 1, "5", 1.5, None, True):
        with pytest.raises(ConfigError, match=key):
            settings.check({key: bad})


def test_one_bad_key_refuses_all():
    """Half a change is worse than none."""
    settings = Settings()
    with pytest.raises(ConfigError, match="nonsense"):
        settings.check({"batch_size": 10, "nonsense": 1})
    assert settings.number("batch_size") == 50


def test_listeners_hear_only_what_changed():
    """A tab that is told of a change shows it; nothing else flickers."""
    settings, heard = Settings(), []
    settings.on_change(heard.append)
    settings.apply(settings.check({"batch_size": 50, "stale_after_s": 120}))
    settings.apply(settings.check({"stale_after_s": 120}))
    assert heard == [{"stale_after_s": 120}]


def test_enabled_bookmakers_stay_within_the_outer_limit():
    """OVERROUND_BOOKMAKERS is the limit and the default."""
    settings = Settings(allowed=("betpawa", "bet9ja"))
    assert settings.enabled_bookmakers == ("betpawa", "bet9ja")
    with pytest.raises(ConfigError, match="outside OVERROUND_BOOKMAKERS"):
        settings.check({"enabled_bookmakers": ["sportybet"]})
    assert settings.check({"enabled_bookmakers": ["bet9ja", "betpawa"]}) == {
        "enabled_bookmakers": ["betpawa", "bet9ja"]
    }


def test_a_bookmaker_that_is_only_parsed_cannot_be_enabled():
    """SportPesa refuses plain clients; the sentence says so, and by default it is not among those asked."""
    settings = Settings()
    assert "sportpesa" not in settings.enabled_bookmakers
    with pytest.raises(ConfigError, match=r"enabled_bookmakers: .* Overround does not work around"):
        settings.check({"enabled_bookmakers": ["betpawa", "sportpesa"]})


def test_stored_keys_of_another_version_are_left_alone():
    """A downgrade must start, and say what it could not take over."""
    settings = Settings(allowed=("betpawa",))
    left = settings.restore(
        {"from_the_future": 1, "batch_size": 7, "stale_after_s": 1, "enabled_bookmakers": ["bet9ja"]}
    )
    assert left == ["from_the_future", "stale_after_s", "enabled_bookmakers"]
    assert settings.number("batch_size") == 7 and settings.enabled_bookmakers == ("betpawa",)


def test_every_bookmaker_has_its_limits():
    """A new bookmaker without a limit would be asked without one."""
    for code in BOOKMAKERS:
        assert {f"{code}_concurrency", f"{code}_delay_ms"} <= set(SETTINGS)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://trader:secret@db/odds",
        "trader:secret@db/odds",
        "postgresql://trader:secret@db",
        "postgresql://trader:secret@db:port/odds",
    ],
)
def test_a_bad_database_address_is_refused_without_repeating_it(monkeypatch, url):
    """It holds a password, and the sentence ends up in logs."""
    monkeypatch.setenv("OVERROUND_DATABASE_URL", url)
    with pytest.raises(
        ConfigError, match=r"OVERROUND_DATABASE_URL: .* write postgresql://user:password@"
    ) as refused:
        process_config()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_spelling_of_a_database_address_is_understood(monkeypatch, scheme):
    """libpq's, Heroku's and SQLAlchemy's; the password does not show when the configuration is printed."""
    monkeypatch.setenv("OVERROUND_DATABASE_URL", f"{scheme}://trader:secret@db:5433/odds?sslmode=require")
    config = process_config()
    assert config.database_url == "postgresql://trader:secret@db:5433/odds?sslmode=require"
    assert "secret" not in repr(config)
