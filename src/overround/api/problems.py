"""Every error as RFC 9457 problem+json with one clear sentence; the classes of errors.py by status in one table."""

import http
from typing import Any, cast

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from overround.errors import (
    BookmakerError,
    CleanupActive,
    ConfigError,
    OverroundError,
    RunActive,
    StorageError,
    UnknownEvent,
    one_line,
)
from overround.log import get_logger

log = get_logger(__name__)

DETAIL_LIMIT = 400  # characters; what was asked may be quoted in it
PROBLEM_TYPE = "application/problem+json"


class BadRequest(OverroundError):
    """A parameter or body has a value we can't work with."""


class NotFound(OverroundError):
    """What the address names does not exist."""


class KeyMissing(OverroundError):
    """A key is needed, and the one that came is unknown, expired or revoked, or none came."""

    def __init__(self) -> None:
        super().__init__(
            "this needs a valid API key, as in Authorization: Bearer ovr_...; overround keys create makes one"
        )


class Forbidden(OverroundError):
    """The key's scope is not enough."""


class TooManyRequests(OverroundError):
    """The caller is over its rate."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many requests; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class NotReady(OverroundError):
    """The process cannot serve yet, for these reasons."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


# The first class that fits decides.
STATUS: dict[type[Exception], int] = {
    BadRequest: 422,
    ConfigError: 422,
    KeyMissing: 401,
    Forbidden: 403,
    TooManyRequests: 429,
    NotFound: 404,
    UnknownEvent: 404,
    RunActive: 409,
    CleanupActive: 409,
    NotReady: 503,
    StorageError: 503,
    BookmakerError: 502,
    TimeoutError: 504,
}

_SENTENCES = {
    401: str(KeyMissing()),
    403: "the Origin header names another site; only pages of this server may do that",
    404: "no event has the id 69000009",
    409: "a run is on already",
    413: "the body is larger than 1048576 bytes",
    422: "page_size: Expected `int` <= 500",
    429: str(TooManyRequests(2)),
    500: "the server made an error; its log has the details",
    502: "bet9ja event: HTTP 503",
    503: "the database can't be read",
    504: "the deadline passed before the answer was complete",
}


def _example(status: int) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": _SENTENCES[status],
    }


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": http.HTTPStatus(status).phrase,
        "content": {
            PROBLEM_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": _example(status),
            }
        },
    }
    for status in sorted({*STATUS.values(), 403, 413, 500})
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One clear sentence"},
        "run_id": {"type": "string", "description": "The run that is on (409)"},
        "reasons": {"type": "array", "items": {"type": "string"}, "description": "Why not ready (503)"},
    },
}


def problem(status: int, detail: str, **more: object) -> Response:
    """Return a problem answer; `more` are further members."""
    body = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": one_line(detail, DETAIL_LIMIT),
        **more,
    }
    return Response(
        msgspec.json.encode(body), status, media_type=PROBLEM_TYPE, headers={"cache-control": "no-store"}
    )


def install(app: FastAPI) -> None:
    """Make the app answer every error as a problem."""
    for kind in (*STATUS, OverroundError):
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def status_of(error: Exception) -> int:
    """Return the status of an error, 500 for one that the table lacks."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


async def _known(request: Request, error: Exception) -> Response:
    return await _unexpected(request, error) if status_of(error) == 500 else problem_of(error)


def problem_of(error: Exception) -> Response:
    """Return the answer to an error that the table has."""
    more: dict[str, object] = {}
    if isinstance(error, RunActive):
        more["run_id"] = error.run_id
    if isinstance(error, NotReady):
        more["reasons"] = error.reasons
    detail = str(error) or "the deadline passed before the answer was complete"
    answer = problem(status_of(error), detail, **more)
    if isinstance(error, KeyMissing):
        answer.headers["www-authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


async def _invalid(_request: Request, error: Exception) -> Response:
    first = cast(RequestValidationError, error).errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(422, f"{place}: {first['msg'][0].lower()}{first['msg'][1:]}")


async def _http(request: Request, error: Exception) -> Response:
    refused = cast(HTTPException, error)
    sentences = {
        404: f"there is nothing at {request.url.path}",
        405: f"{request.method} is not allowed at {request.url.path}",
    }
    answer = problem(refused.status_code, sentences.get(refused.status_code, str(refused.detail)))
    answer.headers.update(refused.headers or {})
    return answer


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return problem(500, "the server made an error; its log has the details")
