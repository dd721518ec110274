"""Process configuration from the environment, and the live settings that a trader may change while it runs."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from overround import __version__
from overround.domain.catalogue import Catalogue, load
from overround.errors import ConfigError
from overround.log import hide_passwords

World = Literal["live", "simulated", "recorded"]
BOOKMAKER_NAMES = {  # those implemented, reference first
    "betpawa": "BetPawa",
    "sportybet": "SportyBet",
    "bet9ja": "Bet9ja",
    "msport": "MSport",
    "betway": "Betway",
    "betika": "Betika",
}
BOOKMAKERS = tuple(BOOKMAKER_NAMES)
REFERENCE = "betpawa"

# Bookmakers whose captured answers can be parsed, and why they are never asked.
PARSED_ONLY = {
    "sportpesa": "SportPesa is guarded by a bot manager, which Overround does not work around; "
    "its answers can be parsed, never asked for"
}

SettingValue = int | list[str]


@cache
def packaged_catalogue() -> Catalogue:
    """
    Return the catalogue that comes with the product, read once.

    Raises:
        CatalogueError: A file contradicts itself or another one.
    """
    folder = resources.files("overround.domain").joinpath("market_types")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    return load(*(file.read_bytes() for file in files))


class ProcessConfig(BaseSettings):
    """What is fixed for the life of a process; each field is the variable OVERROUND_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="OVERROUND_", extra="ignore")

    data_dir: Path = Field(default_factory=lambda: user_data_path("overround"))
    database_url: str = Field(default="", repr=False)  # holds a password; empty: SQLite in the data directory
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    allowed_hosts: str = ""  # comma list of further names in Host headers; any makes a key necessary
    allowed_origins: str = ""  # comma list of further origins whose pages may write
    requests_per_minute: int | None = Field(default=None, ge=60, le=1_000_000)  # per key, else per address
    bookmakers: str = ""  # comma list; the outer limit of enabled_bookmakers
    alert_channels: str = Field(
        default="", repr=False
    )  # name=url, separated by white space; urls are secrets
    alert_secret: str = Field(default="", repr=False)  # signs the webhooks among them
    alert_allow: str = ""  # comma list of networks that alerts may reach although they are not public
    contact: str = ""  # added to the user agent, an address or a page
    world: World | None = None

    betpawa_base_url: str = ""
    betpawa_country: str = "ng"
    sportybet_base_url: str = ""
    sportybet_country: str = "ng"
    bet9ja_base_url: str = ""
    bet9ja_country: str = "ng"
    msport_base_url: str = ""
    msport_country: str = "ng"
    betway_base_url: str = ""
    betway_country: str = "ng"
    betika_base_url: str = ""
    betika_country: str = "ke"  # Betika has no Nigeria

    @field_validator(*(f"{code}_base_url" for code in BOOKMAKERS))
    @classmethod
    def _is_http_url(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("must be an http or https address, as in http://127.0.0.1:8100/betpawa")
        return value.rstrip("/")

    @property
    def enabled(self) -> tuple[str, ...]:
        """
        Return the bookmakers this process may ask, reference first: those named, else all.

        In a world that is not live only those with a base URL, so that no real site is asked beside simulated ones.
        """
        if self.bookmakers:
            return bookmaker_list("OVERROUND_BOOKMAKERS", self.bookmakers.split(","))
        if self.effective_world() == "live":
            return BOOKMAKERS
        return tuple(code for code in BOOKMAKERS if self.base_url(code)) or BOOKMAKERS

    @property
    def user_agent(self) -> str:
        """Return who we are, honestly."""
        return f"Overround/{__version__}" + (f" ({self.contact})" if self.contact else "")

    def base_url(self, bookmaker: str) -> str:
        """Return the address that replaces all hosts of a bookmaker, "" for its own."""
        return getattr(self, f"{bookmaker}_base_url")

    def country(self, bookmaker: str) -> str:
        """Return the country whose site is read, a lower-case code."""
        return getattr(self, f"{bookmaker}_country").lower()

    def effective_world(self) -> World:
        """Return the world the data belong to: as given, else simulated when any base URL is loopback, else live."""
        if self.world:
            return self.world
        return "simulated" if any(_is_loopback(self.base_url(code)) for code in BOOKMAKERS) else "live"


def process_config(**overrides: Any) -> ProcessConfig:
    """
    Read the environment; keyword arguments that are not None win over it.

    Raises:
        ConfigError: A value we can't work with; one sentence names the variable and the fix.
    """
    try:
        config = ProcessConfig(**{key: value for key, value in overrides.items() if value is not None})
    except ValidationError as exc:
        error = exc.errors()[0]
        name = "OVERROUND_" + "_".join(str(part) for part in error["loc"]).upper()
        raise ConfigError(name, f"{error['input']!r} is refused: {error['msg']}") from exc
    _ = config.enabled
    for url in (config.database_url, *(config.base_url(code) for code in BOOKMAKERS)):
        hide_passwords(url)
    return config.model_copy(update={"database_url": postgres_url(config.database_url)})


def postgres_url(url: str) -> str:
    """
    Return a database's address in the form that every driver takes, "" as it is.

    Raises:
        ConfigError: It is no address of a PostgreSQL database; the message does not repeat it.

    >>> postgres_url("postgresql+asyncpg://trader:secret@db/odds")
    'postgresql://trader:secret@db/odds'
    """
    if not url:
        return ""
    scheme, _, rest = url.strip().partition("://")
    try:
        parts = urlsplit(f"postgresql://{rest}")
        usable = scheme in ("postgresql", "postgres", "postgresql+asyncpg") and len(parts.path) > 1
        _ = parts.port  # raises when it is no number
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            "OVERROUND_DATABASE_URL",
            "is no address of a PostgreSQL database; write postgresql://user:password@host:5432/name "
            "(in a password, %40 stands for @ and %2F for /)",
        )
    return f"postgresql://{rest}"


def bookmaker_list(setting: str, codes: Iterable[str]) -> tuple[str, ...]:
    """
    Return the codes in our order, each once.

    Raises:
        ConfigError: An unknown code, one that is never asked, or none at all.
    """
    wanted = {code.strip().lower() for code in codes if code.strip()}
    if barred := sorted(wanted & set(PARSED_ONLY)):
        raise ConfigError(setting, PARSED_ONLY[barred[0]])
    if unknown := sorted(wanted - set(BOOKMAKERS)):
        raise ConfigError(
            setting, f"unknown bookmaker {', '.join(unknown)}; choose from {', '.join(BOOKMAKERS)}"
        )
    if not wanted:
        raise ConfigError(setting, f"names no bookmaker; choose from {', '.join(BOOKMAKERS)}")
    return tuple(code for code in BOOKMAKERS if code in wanted)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class SettingSpec(msgspec.Struct, frozen=True):
    """One live setting: bounds are inclusive and null where they mean nothing."""

    key: str
    default: SettingValue
    min: int | None
    max: int | None
    unit: str
    effect: str  # when and on what a change acts, for people


def _specs() -> dict[str, SettingSpec]:
    concurrency = {"betpawa": 50, "sportybet": 50, "bet9ja": 15}
    delay = {"bet9ja": 25}
    specs = [
        SettingSpec(
            "scrape_interval_minutes",
            5,
            1,
            60,
            "minutes",
            "the next run is due this long after the last start",
        ),
    ]
    for code in BOOKMAKERS:
        name = BOOKMAKER_NAMES[code]
        specs += [
            SettingSpec(f"{code}_concurrency", concurrency.get(code, 20), 1, 100, "requests", f"requests to {name} on the wire at once; acts on the next request"),
            SettingSpec(f"{code}_delay_ms", delay.get(code, 0), 0, 1000, "ms", f"pause after each request to {name}; acts on the next request"),
            SettingSpec(f"{code}_fast_lane_per_minute", 240, 0, 6000, "requests", f"requests a minute to {name} between and beside runs, for prices that move and kickoffs that are near; 0: none; acts at once"),
        ]  # fmt: skip
    specs += [
        SettingSpec("batch_size", 50, 1, 200, "events", "events per write batch; acts on the next batch"),
        SettingSpec("max_concurrent_events", 50, 1, 200, "events", "events with a request on the wire; acts at once"),
        SettingSpec("enabled_bookmakers", list(BOOKMAKERS), None, None, "", "who is asked and shown; acts on the next run"),
        SettingSpec("stale_after_s", 600, 30, 7200, "s", "prices older than this are stale; acts at once on every screen"),
        SettingSpec("run_stale_minutes", 10, 2, 120, "minutes", "a run without progress for this long is cancelled"),
        SettingSpec("eviction_grace_minutes", 120, 0, 720, "minutes", "events stay in memory this long after kickoff"),
        SettingSpec("discovery_horizon_hours", 168, 1, 720, "hours", "how far ahead events are collected; acts on the next run"),
        SettingSpec("withdraw_after_misses", 2, 1, 10, "runs", "complete lists an event may miss before it counts as withdrawn"),
        SettingSpec("confirm_write_interval_s", 30, 5, 300, "s", "how often confirmations are written to the database"),
        SettingSpec("spool_max_mib", 2048, 64, 65536, "MiB", "size of the spool at which scraping slows down"),
        SettingSpec("odds_retention_days", 14, 1, 365, "days", "older price history is deleted; acts on the next cleanup"),
        SettingSpec("match_retention_days", 14, 1, 365, "days", "events that kicked off longer ago, and older runs and alerts, are deleted; acts on the next cleanup"),
        SettingSpec("rollup_retention_days", 400, 30, 1200, "days", "older roll-ups of margins and positions, and older samples, alerts and reports of the storage, are deleted; acts on the next cleanup"),
        SettingSpec("cleanup_frequency_hours", 24, 1, 168, "hours", "how often what is old is deleted; acts at once"),
        SettingSpec("storage_alert_mib", 20480, 64, 1_048_576, "MiB", "a larger storage raises an alert; acts on the next daily sample"),
        SettingSpec("exposure_min_profit_bp", 50, 0, 1000, "0.01 %", "a crossed market that pays less is kept off the exposure board; acts at once"),
        SettingSpec("exposure_min_bookmakers", 2, 2, 6, "bookmakers", "a crossed market that fewer price is kept off the exposure board; acts at once"),
        SettingSpec("exposure_outlier_pct", 25, 0, 200, "%", "a crossed market is kept off the exposure board when a competitor's leg stands this far above all other bookmakers' median, two at least; 0: never; acts at once"),
        SettingSpec("exposure_hide_below_mean", 0, 0, 1, "", "1: a crossed market is kept off the exposure board while our leg pays less than the competitors' mean fair price; acts at once"),
        SettingSpec("steam_points_tenths", 15, 1, 100, "0.1 points", "a competitor's move of this much fair probability counts for steam and asks for an answer; acts on the next move"),
        SettingSpec("steam_window_s", 300, 10, 3600, "s", "moves within this time are seen together for steam; acts on the next move"),
        SettingSpec("record_changed_days", 0, 0, 30, "days", "raw answers that changed a market are kept this long on disk, 0: none; acts on the next answer"),
    ]  # fmt: skip
    return {spec.key: spec for spec in specs}


SETTINGS: dict[str, SettingSpec] = _specs()


class Settings:
    """The live settings: checked as a whole, changed at once, every listener told."""

    def __init__(self, allowed: tuple[str, ...] = BOOKMAKERS) -> None:
        """Start from the defaults; `allowed` is the outer limit and the default of `enabled_bookmakers`."""
        self._allowed = allowed
        self._values: dict[str, SettingValue] = {key: spec.default for key, spec in SETTINGS.items()}
        self._values["enabled_bookmakers"] = list(allowed)
        self._listeners: list[Callable[[dict[str, SettingValue]], None]] = []

    def restore(self, stored: Mapping[str, Any]) -> list[str]:
        """Take over stored values; return the keys left at their default: another version's, or out of range."""
        left: list[str] = []
        for key, value in stored.items():
            try:
                self.apply(self.check({key: value}))
            except ConfigError:
                left.append(key)
        return left

    def number(self, key: str) -> int:
        """Return a numeric setting."""
        value = self._values[key]
        assert isinstance(value, int)
        return value

    @property
    def enabled_bookmakers(self) -> tuple[str, ...]:
        """Return who is asked and shown, reference first."""
        value = self._values["enabled_bookmakers"]
        assert isinstance(value, list)
        return tuple(value)

    def enabled_among(self, codes: Iterable[str]) -> tuple[str, ...]:
        """
        Return these bookmakers in our order.

        Raises:
            ConfigError: An unknown code, one that is switched off, or none at all.
        """
        wanted = bookmaker_list("bookmakers", codes)
        if off := [code for code in wanted if code not in self.enabled_bookmakers]:
            raise ConfigError("bookmakers", f"{', '.join(off)} is switched off; see enabled_bookmakers")
        return wanted

    def all(self) -> dict[str, SettingValue]:
        """Return a copy of every value."""
        return dict(self._values)

    def check(self, changes: Mapping[str, Any]) -> dict[str, SettingValue]:
        """
        Return the changes in canonical form without applying them.

        Raises:
            ConfigError: One bad key or value refuses all.
        """
        checked: dict[str, SettingValue] = {}
        for key, value in changes.items():
            if key not in SETTINGS:
                raise ConfigError(key, "is no setting; GET /api/settings lists them")
            checked[key] = self._checked(key, value)
        return checked

    def apply(self, checked: Mapping[str, SettingValue]) -> None:
        """Take over values that `check` returned and tell the listeners what really changed."""
        changed = {key: value for key, value in checked.items() if self._values[key] != value}
        self._values.update(changed)
        if changed:
            for listener in list(self._listeners):
                listener(changed)

    def on_change(self, listener: Callable[[dict[str, SettingValue]], None]) -> None:
        """Call `listener` with the changed keys after every change."""
        self._listeners.append(listener)

    def _checked(self, key: str, value: Any) -> SettingValue:
        spec = SETTINGS[key]
        if isinstance(spec.default, list):
            if not isinstance(value, list) or not all(isinstance(code, str) for code in value):  # pyright: ignore[reportUnknownVariableType]
                raise ConfigError(key, "must be a list of bookmaker codes")
            codes = bookmaker_list(key, value)  # pyright: ignore[reportUnknownArgumentType]
            if outside := [code for code in codes if code not in self._allowed]:
                raise ConfigError(
                    key, f"{', '.join(outside)} is outside OVERROUND_BOOKMAKERS; add it there first"
                )
            return list(codes)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ConfigError(key, f"must be a whole number from {spec.min} to {spec.max} {spec.unit}")
        assert spec.min is not None
        assert spec.max is not None
        if not spec.min <= value <= spec.max:
            raise ConfigError(
                key, f"{value} is out of range; allowed are {spec.min} to {spec.max} {spec.unit}"
            )
        return value
