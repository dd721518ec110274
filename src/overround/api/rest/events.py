"""Events: the filtered list, one event with all its markets, and a refresh of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Request, Response

from overround.api.answers import answers
from overround.api.context import Context, context
from overround.api.event_query import EventParameters, EventQuery, read_query
from overround.api.parameters import SportradarId
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import HEADERS, NOT_MODIFIED, Revision
from overround.api.roles import guarded_router, needs
from overround.api.schemas import ENCODER, EventJson, EventsJson, iso_ms
from overround.cache.odds_cache import CachedEvent
from overround.errors import UnknownEvent

router = guarded_router(prefix="/api/events", tags=["events"])

_QUERIES_KEPT = 256
_queries: dict[bytes, EventQuery] = {}  # checked queries by their text


def query_parameters() -> list[dict[str, Any]]:
    """Return the list's query parameters as OpenAPI describes them."""
    schema = msgspec.json.schema_components([EventParameters])[1]["EventParameters"]
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": property_.pop("description"),
            "schema": property_,
        }
        for name, property_ in schema["properties"].items()
    ]


@router.get(
    "",
    responses={**NOT_MODIFIED, **{status: PROBLEM_RESPONSES[status] for status in (422, 503)}},
    openapi_extra={"parameters": query_parameters()},
    summary="List events with their main markets",
)
@needs("viewer")
@answers(EventsJson, headers=HEADERS)
async def list_events(request: Request) -> Response:
    """
    Return one page of the events that pass every filter; what has left memory comes from the database.

    Raises:
        BadRequest: A parameter that can't be read, or more than 31 days of past events.
        StorageError: The database can't be read, and past events are asked for.
    """
    api = context(request)
    query = _checked(request)
    api.hub.catch_up()
    now = api.services.clock.now()
    past = await api.past.headers(query, now)
    found = api.search.run(query, now, past)
    size = query.parameters.page_size
    start = (query.parameters.page - 1) * size
    page = found[start : start + size]
    stale_after_s = api.services.settings.number("stale_after_s")
    versions = [(_version(api, event), event.header.kickoff_at <= now) for event in page]
    enabled = api.services.settings.enabled_bookmakers
    content = (len(found), stale_after_s, enabled, versions)
    revision = Revision(request, api.hub.epoch, api.hub.odds.seq, content)
    if held := revision.not_modified():
        return held
    fragments = await _fragments(api, page, query, now)
    tail = {
        "total": len(found),
        "page": query.parameters.page,
        "page_size": size,
        "revision": api.hub.odds.seq,
        "now": iso_ms(now),
        "stale_after_s": stale_after_s,
    }
    return await revision.answer(b'{"events":[%b],%b' % (fragments, ENCODER.encode(tail)[1:]))


@router.get(
    "/{sportradar_id}",
    responses={**NOT_MODIFIED, **{status: PROBLEM_RESPONSES[status] for status in (404, 503)}},
    summary="One event with all its markets",
)
@needs("viewer")
@answers(EventJson, headers=HEADERS)
async def get_event(request: Request, sportradar_id: SportradarId) -> Response:
    """
    Return the event at every enabled bookmaker that lists it.

    Raises:
        UnknownEvent: Neither memory nor the database has it.
        StorageError: Memory has not got it, and the database can't be read.
    """
    api = context(request)
    api.hub.catch_up()
    event = api.services.cache.event(sportradar_id)
    return await (_event_answer(request, api, event) if event else _past_answer(request, api, sportradar_id))


@router.post(
    "/{sportradar_id}/refresh",
    responses={status: PROBLEM_RESPONSES[status] for status in (404, 502, 503, 504)},
    summary="Fetch one event now",
)
@needs("operator")
@answers(EventJson, description="The event with its new prices", headers=HEADERS)
async def refresh_event(request: Request, sportradar_id: SportradarId) -> Response:
    """
    Fetch the event at every enabled bookmaker that lists it and return it with its new prices.

    Raises:
        NotReady: Nothing can be stored now.
        UnknownEvent: Nobody lists it.
        TimeoutError: Past the deadline.
    """
    api = context(request)
    api.require_ready()
    _known(api, sportradar_id)
    await api.services.refresh.refresh(sportradar_id)
    api.hub.catch_up()
    return await _event_answer(request, api, _known(api, sportradar_id))


async def _event_answer(request: Request, api: Context, event: CachedEvent) -> Response:
    now = api.services.clock.now()
    version = (event.header.sportradar_id, api.fragments.version(event, now))
    revision = Revision(request, api.hub.epoch, api.hub.odds.seq, version)
    held = revision.not_modified() if request.method == "GET" else None
    return held or await revision.answer(api.fragments.full(event, now))


async def _past_answer(request: Request, api: Context, sportradar_id: str) -> Response:
    event, now = await api.past.one(sportradar_id), api.services.clock.now()
    if event is None:
        raise UnknownEvent(sportradar_id[:40])
    body = api.fragments.encode(event, now)
    revision = Revision(request, api.hub.epoch, api.hub.odds.seq, body)
    return revision.not_modified() or await revision.answer(body)


async def _fragments(api: Context, page: Sequence[CachedEvent], query: EventQuery, now: datetime) -> bytes:
    """Return the page's events joined; those that are not in memory with markets from the database."""
    past = [event for event in page if not _is_held(api, event)]
    ids = [event.header.sportradar_id for event in past]
    read = {event.header.sportradar_id: event for event in await api.past.whole(ids)}
    return b",".join(
        api.fragments.chosen(event, now, query.markets)
        if _is_held(api, event)
        else api.fragments.encode(read.get(event.header.sportradar_id, event), now, query.markets)
        for event in page
    )


def _is_held(api: Context, event: CachedEvent) -> bool:
    return api.services.cache.event(event.header.sportradar_id) is event


def _version(api: Context, event: CachedEvent) -> object:
    """Return what an event's bytes depend on: its revision, or for one from the database its listings."""
    if _is_held(api, event):
        return event.revision
    return [(entry.listing, entry.confirmed_at, entry.changed_at) for entry in event.listings.values()]


def _known(api: Context, sportradar_id: str) -> CachedEvent:
    event = api.services.cache.event(sportradar_id)
    if event is None:
        raise UnknownEvent(sportradar_id[:40])
    return event


def _checked(request: Request) -> EventQuery:
    """Return the checked query, from memory where the same text came before."""
    text: bytes = request.scope["query_string"]
    query = _queries.get(text)
    if query is None:
        query = read_query(request.query_params)
        if len(_queries) >= _QUERIES_KEPT:
            _queries.clear()
        _queries[text] = query
    return query
