"""The newest lines of the process's log, for those who may not read its stderr."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Query, Request, Response

from overround.api.answers import answers
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, iso_ms
from overround.log import KEPT_LINES, LEVELS, kept_lines

router = guarded_router(prefix="/api", tags=["health"])

Level = Literal["debug", "info", "warning", "error"]


class LogLineJson(msgspec.Struct, frozen=True, gc=False):
    """One line of the log."""

    number: int  # counts every line of the process
    at: Instant
    level: Level
    event: str
    module: str
    fields: dict[str, Any]


class LogJson(msgspec.Struct, frozen=True):
    """The newest lines of the log, oldest first."""

    now: Instant
    kept: int  # lines in memory at most
    total: int  # that the filters leave
    lines: list[LogLineJson]


_OWN = ("timestamp", "level", "event", "module")


@router.get("/logs", responses={422: PROBLEM_RESPONSES[422]}, summary="The newest lines of the log")
@needs("operator")
@answers(LogJson)
async def list_lines(
    request: Request,
    level: Annotated[Level, Query(description="And above")] = "info",
    since: Annotated[datetime | None, Query(alias="from", description="First time, with zone")] = None,
    until: Annotated[datetime | None, Query(alias="to", description="First time left out, with zone")] = None,
    limit: Annotated[int, Query(ge=1, le=KEPT_LINES, description="How many at most")] = 200,
) -> Response:
    """
    Return the newest `limit` lines of this level and above, oldest first; a restart forgets them.

    Raises:
        BadRequest: A time without zone.
    """
    for name, at in (("from", since), ("to", until)):
        if at is not None and at.tzinfo is None:
            raise BadRequest(f"{name}: a time needs its zone, as in 2026-02-06T12:00:00Z")
    found = list(_lines(LEVELS[LEVELS.index(level) :], since, until))
    now = iso_ms(context(request).services.clock.now())
    return json(LogJson(now, KEPT_LINES, len(found), found[-limit:]))


def _lines(levels: tuple[str, ...], since: datetime | None, until: datetime | None) -> Iterator[LogLineJson]:
    for number, line in kept_lines():
        at = datetime.fromisoformat(line["timestamp"]).astimezone(UTC)
        if line["level"] in levels and (since is None or at >= since) and (until is None or at < until):
            yield _row(number, at, line)


def _row(number: int, at: datetime, line: Mapping[str, Any]) -> LogLineJson:
    return LogLineJson(
        number=number,
        at=iso_ms(at),
        level=line["level"],
        event=str(line["event"]),
        module=line.get("module", ""),
        fields={key: _plain(value) for key, value in line.items() if key not in _OWN},
    )


def _plain(value: Any) -> object:
    """Return a value as JSON can hold it; what it can't becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
