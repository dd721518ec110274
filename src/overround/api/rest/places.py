"""Where matches are played: competitions and countries, with how many events lie ahead."""

from collections import Counter

import msgspec
from fastapi import Request, Response

from overround.api.answers import answers
from overround.api.context import Context, context
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.domain.events import Competition

router = guarded_router(prefix="/api", tags=["places"])


class PlaceJson(Competition, frozen=True, gc=False):
    """A competition with its events ahead."""

    events: int


class CompetitionsJson(msgspec.Struct, frozen=True):
    """Competitions by country and name."""

    competitions: list[PlaceJson]


class CountryJson(msgspec.Struct, frozen=True, gc=False):
    """A country with its events and competitions ahead."""

    name: str
    events: int
    competitions: int


class CountriesJson(msgspec.Struct, frozen=True):
    """Countries by name."""

    countries: list[CountryJson]


@router.get("/competitions", summary="Competitions with upcoming events")
@needs("viewer")
@answers(CompetitionsJson)
async def list_competitions(request: Request) -> Response:
    """Return every competition that has an event ahead, by country and name."""
    counts = _upcoming(context(request))
    ordered = sorted(counts, key=lambda competition: (competition.country, competition.name, competition.id))
    return json(
        CompetitionsJson([PlaceJson(place.id, place.name, place.country, counts[place]) for place in ordered])
    )


@router.get("/countries", summary="Countries with upcoming events")
@needs("viewer")
@answers(CountriesJson)
async def list_countries(request: Request) -> Response:
    """Return every country that has an event ahead, by name."""
    counts = _upcoming(context(request))
    events: Counter[str] = Counter()
    competitions: Counter[str] = Counter()
    for competition, count in counts.items():
        events[competition.country] += count
        competitions[competition.country] += 1
    return json(
        CountriesJson([CountryJson(name, events[name], competitions[name]) for name in sorted(events)])
    )


def _upcoming(api: Context) -> Counter[Competition]:
    events = api.order.upcoming(api.services.clock.now())
    return Counter(event.header.competition for event in events)
