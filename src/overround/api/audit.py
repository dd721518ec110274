"""The audit: what everybody who was let in wrote, or was not allowed to write."""

import asyncio

import msgspec
from fastapi import Request, Response
from starlette.exceptions import HTTPException

from overround.api.callers import Handler, admit, caller
from overround.api.context import context
from overround.api.problems import status_of
from overround.domain.access import AuditEntry, Role
from overround.errors import StorageError, one_line
from overround.log import get_logger

log = get_logger(__name__)

PATIENCE_S = 1.0  # how long an answer waits for its entry; the entry is written all the same
SUBJECT_LIMIT = 300

_pending: set[asyncio.Task[None]] = set()


def is_about(request: Request, subject: str) -> None:
    """Say what a write is about where its path does not: a setting and its value, a name."""
    request.state.subject = subject


def audited(answer: Handler, role: Role, route: str) -> Handler:
    """Return a handler that lets in whom the role lets in, and notes who wrote what with which outcome."""

    async def noting(request: Request) -> Response:
        status = 500
        try:
            admit(request, role)
            response = await answer(request)
            status = response.status_code
            return response
        except Exception as exc:
            status = exc.status_code if isinstance(exc, HTTPException) else status_of(exc)
            raise
        finally:
            if who := caller(request):
                await _note(request, who.name, who.key_id, route, status)

    return noting


async def _note(request: Request, name: str, key_id: str, route: str, status: int) -> None:
    subject = getattr(request.state, "subject", None)
    if subject is None:
        subject = ", ".join(str(value) for value in request.path_params.values())
    services = context(request).services
    entry = AuditEntry(
        services.clock.now(), name, key_id, request.client.host if request.client else "", route,
        one_line(subject, SUBJECT_LIMIT), status,
    )  # fmt: skip
    task = asyncio.create_task(_store(request, entry), name="audit")
    _pending.add(task)
    task.add_done_callback(_pending.discard)
    await asyncio.wait({task}, timeout=PATIENCE_S)


async def _store(request: Request, entry: AuditEntry) -> None:
    """Write an entry to the database, or to the log while that is away."""
    try:
        await context(request).services.access.note(entry)
    except StorageError as exc:
        log.warning("audit_unwritten", reason=str(exc), **msgspec.to_builtins(entry))
