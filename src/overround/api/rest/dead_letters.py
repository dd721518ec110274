"""Dead letters: rows that the database refused to hold. See them, write them after all, give them up."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from fastapi import Query, Request, Response

from overround.api.audit import is_about
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, NotFound
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms, optional_ms
from overround.storage.dead_letters import DeadLetter, LetterOutcome

router = guarded_router(
    prefix="/api/dead-letters", tags=["dead letters"], responses={503: PROBLEM_RESPONSES[503]}
)

MOST_AT_ONCE = 1000
SUBJECT_IDS = 50  # named in the audit
_BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """Which letters."""

    ids: list[int]


@router.get("", summary="Dead letters, newest first")
@needs("viewer")
async def list_letters(
    request: Request,
    state: Literal["waiting", "replayed", "discarded", "all"] = "waiting",
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """
    Return one page of the letters in a state.

    Raises:
        StorageError: The database can't be read.
    """
    storage = context(request).services.storage
    letters, total = await storage.dead_letters(None if state == "all" else state, limit, offset)
    rows = [_letter(letter) for letter in letters]
    return json({"dead_letters": rows, "total": total, "limit": limit, "offset": offset})


@router.post(
    "/replay",
    responses={422: PROBLEM_RESPONSES[422]},
    openapi_extra=_BODY,
    summary="Write dead letters after all",
)
@needs("operator")
async def replay(request: Request) -> Response:
    """
    Write each letter's row under its old change id; a newer price stays as it is.

    Raises:
        BadRequest: The body is not like {"ids": [1, 2]}.
        StorageError: The database is not well.
    """
    ids = _ids(await request.body())
    is_about(request, ", ".join(map(str, ids[:SUBJECT_IDS])))
    return json(_outcomes(await context(request).services.storage.replay(ids)))


@router.post(
    "/discard", responses={422: PROBLEM_RESPONSES[422]}, openapi_extra=_BODY, summary="Give dead letters up"
)
@needs("admin")
async def discard(request: Request) -> Response:
    """
    Mark letters as given up; retention deletes them later.

    Raises:
        BadRequest: The body is not like {"ids": [1, 2]}.
        StorageError: The database is not well.
    """
    ids = _ids(await request.body())
    is_about(request, ", ".join(map(str, ids[:SUBJECT_IDS])))
    return json(_outcomes(await context(request).services.storage.discard(ids)))


@router.get(
    "/{letter_id}", responses={404: PROBLEM_RESPONSES[404]}, summary="One dead letter and what it holds"
)
@needs("viewer")
async def get_letter(request: Request, letter_id: int) -> Response:
    """
    Return a letter with its content by field name.

    Raises:
        NotFound: No letter has this id.
        StorageError: The database can't be read.
    """
    found = await context(request).services.storage.dead_letter(letter_id)
    if found is None:
        raise NotFound(f"no dead letter has the id {letter_id}")
    letter, content = found
    return json({**_letter(letter), "content": content})


def _ids(body: bytes) -> Sequence[int]:
    try:
        ids = msgspec.json.decode(body, type=Order).ids
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest('the body must be like {"ids": [1, 2]}') from exc
    if len(ids) > MOST_AT_ONCE:
        raise BadRequest(f"ids: at most {MOST_AT_ONCE} at once")
    return ids


def _outcomes(outcomes: Sequence[LetterOutcome]) -> dict[str, object]:
    return {
        "done": sum(outcome.ok for outcome in outcomes),
        "outcomes": [msgspec.structs.asdict(outcome) for outcome in outcomes],
    }


def _letter(letter: DeadLetter) -> dict[str, object]:
    return {
        **msgspec.structs.asdict(letter),
        "accepted_at": iso_ms(letter.accepted_at),
        "buried_at": iso_ms(letter.buried_at),
        "settled_at": optional_ms(letter.settled_at),
    }
