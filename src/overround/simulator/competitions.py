"""Competitions and clubs of the simulated world, read from countries.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from overround.simulator import chance


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One country: its competitions in order of prominence, and what its clubs are called after."""

    name: str
    forms: str
    competitions: tuple[str, ...]
    places: tuple[str, ...]


class Countries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data file."""

    forms: Mapping[str, tuple[str, ...]]
    country: tuple[Country, ...]


class SimulatedCompetition(msgspec.Struct, frozen=True):
    """One competition and its clubs, the same for every seed."""

    name: str
    country: str
    clubs: tuple[str, ...]


@cache
def all_competitions() -> tuple[SimulatedCompetition, ...]:
    """Return every competition, the most prominent of each country first, then the second ones, and so on."""
    data = resources.files("overround.simulator").joinpath("countries.toml").read_bytes()
    countries = msgspec.convert(tomllib.loads(data.decode()), Countries)
    ranked = sorted(
        (rank, position, name)
        for position, country in enumerate(countries.country)
        for rank, name in enumerate(country.competitions)
    )
    return tuple(
        _competition(name, countries.country[position], countries.forms) for _, position, name in ranked
    )


def _competition(name: str, country: Country, forms: Mapping[str, tuple[str, ...]]) -> SimulatedCompetition:
    suffix = {"Women's League": " (W)", "U21 League": " U21", "Reserve League": " II"}.get(name, "")
    clubs = [form.format(place) + suffix for form in forms[country.forms] for place in country.places]
    clubs.sort(key=lambda club: chance.uniform(0, f"{country.name}|{name}|{club}"))
    return SimulatedCompetition(name, country.name, tuple(clubs))
