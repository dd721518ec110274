"""A browser's session, the ticket for a socket, and the audit of what was written."""

from typing import Annotated, Any

import msgspec
from fastapi import Query, Request, Response
from msgspec import Meta

from overround.api.answers import answers, reads
from overround.api.audit import is_about
from overround.api.callers import CALLER, Caller, caller
from overround.api.context import context
from overround.api.keyring import COOKIE, LONGEST_SECRET, TICKET_S
from overround.api.parameters import Offset
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, KeyMissing
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, fields_of, iso_ms
from overround.domain.access import AuditEntry, Scope
from overround.log import get_logger

log = get_logger(__name__)

router = guarded_router(prefix="/api", tags=["access"])


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a login."""

    key: Annotated[str, Meta(max_length=LONGEST_SECRET)]


class SessionJson(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a key is needed, and who asks."""

    required: bool
    scope: Scope | None  # null without a valid key where one is needed
    name: str | None


class LoggedInJson(SessionJson, frozen=True, kw_only=True):
    """Who asks from now on."""

    expires_at: Instant


class TicketJson(msgspec.Struct, frozen=True):
    """What opens one WebSocket, as `/api/ws?ticket=`."""

    ticket: str
    expires_in_s: float


class AuditEntryJson(msgspec.Struct, frozen=True):
    """One write that somebody made or tried to make."""

    at: Instant
    name: str  # of the key; "loopback" without one, "command line" for overround keys
    key_id: str  # "" without a key
    address: str
    route: str  # method and path as declared, or the command
    subject: str
    status: int  # of the answer


class AuditJson(msgspec.Struct, frozen=True):
    """One page of the audit, newest first."""

    entries: list[AuditEntryJson]
    total: int
    limit: int
    offset: int


@router.get("/session", summary="Whether a key is needed, and whose was shown")
@needs("public")
@answers(SessionJson)
async def get_session(request: Request) -> Response:
    """Return `required`, and the scope and name of whoever asks, null without a valid key where one is needed."""
    return json(SessionJson(**_state(request, caller(request))))


@router.post(
    "/session",
    responses={status: PROBLEM_RESPONSES[status] for status in (401, 422, 503)},
    summary="Begin a browser's session with a key",
)
@needs("public")
@reads(Login, {"key": "ovr_..."})
@answers(LoggedInJson, description="The cookie is set")
async def log_in(request: Request) -> Response:
    """
    Set a cookie that stands for the key for seven days, or until the key ends; no script can read it.

    Raises:
        BadRequest: The body is not like {"key": "ovr_..."}.
        KeyMissing: The key is unknown, expired or revoked.
        StorageError: The session can't be stored.
    """
    try:
        secret = msgspec.json.decode(await request.body(), type=Login).key
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest('the body must be like {"key": "ovr_..."}') from exc
    ring = context(request).ring
    try:
        who, token, ends_at = await ring.open_session(secret.strip())
    except KeyMissing:
        log.warning("login_refused", address=request.client.host if request.client else "")
        raise
    request.scope[CALLER] = who
    is_about(request, f"session of {who.name}")
    answer = json(LoggedInJson(**_state(request, who), expires_at=iso_ms(ends_at)))
    seconds = int((ends_at - context(request).services.clock.now()).total_seconds())
    answer.set_cookie(
        COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="strict", secure=_is_https(request)
    )
    return answer


@router.delete("/session", responses={503: PROBLEM_RESPONSES[503]}, summary="End a browser's session")
@needs("public")
@answers(SessionJson, description="The cookie is gone")
async def log_out(request: Request) -> Response:
    """
    Forget the session of the cookie and close its sockets; without one nothing happens.

    Raises:
        StorageError: It can't be forgotten, so it is still valid.
    """
    ring, who = context(request).ring, caller(request)
    if token := request.cookies.get(COOKIE):
        await ring.close_session(token)
    is_about(request, f"session of {who.name}" if who else "")
    if who and who.session:
        request.scope[CALLER] = msgspec.structs.replace(who, session="")
        context(request).hub.let_go(ring.still)
    left = None if who and who.session else who
    answer = json(SessionJson(**_state(request, left)))
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=_is_https(request))
    return answer


@router.post("/ws-ticket", summary="A ticket that opens one WebSocket")
@needs("viewer", audited=False)
@answers(TicketJson)
async def get_ticket(request: Request) -> Response:
    """Return a ticket for `/api/ws?ticket=`, for clients that can't send a header: valid once, for half a minute."""
    who = caller(request)
    assert who is not None
    return json(TicketJson(context(request).ring.ticket_for(who), TICKET_S))


@router.get("/audit", responses={503: PROBLEM_RESPONSES[503]}, summary="Who wrote what, newest first")
@needs("admin")
@answers(AuditJson)
async def list_audit(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most")] = 100,
    offset: Offset = 0,
) -> Response:
    """
    Return one page of the audit.

    Raises:
        StorageError: The database can't be read.
    """
    entries, total = await context(request).services.access.audit(limit, offset)
    return json(AuditJson([_entry(entry) for entry in entries], total, limit, offset))


def _state(request: Request, who: Caller | None) -> dict[str, Any]:
    return {
        "required": context(request).ring.required,
        "scope": who.scope if who else None,
        "name": who.name if who else None,
    }


def _is_https(request: Request) -> bool:
    """Return whether the page came over TLS, which ends at a proxy: browsers say so in the origin of every write."""
    return request.headers.get("origin", "").lower().startswith("https://")


def _entry(entry: AuditEntry) -> AuditEntryJson:
    return AuditEntryJson(**fields_of(entry, at=iso_ms(entry.at)))
