"""Where matches are played: competitions and countries, with how many events lie ahead."""

from collections import Counter

from fastapi import Request, Response

from overround.api.context import Context, context
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.domain.events import Competition

router = guarded_router(prefix="/api", tags=["places"])


@router.get("/competitions", summary="Competitions with upcoming events")
@needs("viewer")
async def list_competitions(request: Request) -> Response:
    """Return every competition that has an event ahead, by country and name."""
    counts = _upcoming(context(request))
    ordered = sorted(counts, key=lambda competition: (competition.country, competition.name, competition.id))
    rows = [
        {"id": place.id, "name": place.name, "country": place.country, "events": counts[place]}
        for place in ordered
    ]
    return json({"competitions": rows})


@router.get("/countries", summary="Countries with upcoming events")
@needs("viewer")
async def list_countries(request: Request) -> Response:
    """Return every country that has an event ahead, by name."""
    counts = _upcoming(context(request))
    events: Counter[str] = Counter()
    competitions: Counter[str] = Counter()
    for competition, count in counts.items():
        events[competition.country] += count
        competitions[competition.country] += 1
    rows = [
        {"name": name, "events": events[name], "competitions": competitions[name]} for name in sorted(events)
    ]
    return json({"countries": rows})


def _upcoming(api: Context) -> Counter[Competition]:
    events = api.order.upcoming(api.services.clock.now())
    return Counter(event.header.competition for event in events)
