"""Dead letters: rows that the database refused to hold. See them, write them after all, give them up."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Path, Query, Request, Response
from msgspec import Meta

from overround.api.answers import answers, reads
from overround.api.audit import is_about
from overround.api.context import context
from overround.api.parameters import Offset
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, NotFound
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, fields_of, iso_ms, optional_ms
from overround.storage.dead_letters import DeadLetter, LetterOutcome, LetterState

router = guarded_router(
    prefix="/api/dead-letters", tags=["dead letters"], responses={503: PROBLEM_RESPONSES[503]}
)

MOST_AT_ONCE = 1000
SUBJECT_IDS = 50  # named in the audit
MAX_ID = 2**63 - 1
_EXAMPLE = {"ids": [1, 2]}


class LetterOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Which letters."""

    ids: Annotated[list[Annotated[int, Meta(ge=0, le=MAX_ID)]], Meta(max_length=MOST_AT_ONCE)]


class LetterJson(msgspec.Struct, frozen=True, kw_only=True):
    """A row that the database refused to hold."""

    id: int
    change_id: int
    run_id: str | None
    accepted_at: Instant
    buried_at: Instant
    kind: str  # of row: market, listing, ...
    sportradar_id: str
    bookmaker: str
    market: str
    reason: str
    state: LetterState
    settled_at: Instant | None


class LetterContentJson(LetterJson, frozen=True, kw_only=True):
    """A letter with what it holds by field name."""

    content: dict[str, Any]


class LettersJson(msgspec.Struct, frozen=True):
    """One page of letters, newest first."""

    dead_letters: list[LetterJson]
    total: int
    limit: int
    offset: int


class LetterOutcomesJson(msgspec.Struct, frozen=True):
    """What became of each letter that was named."""

    done: int
    outcomes: list[LetterOutcome]


@router.get("", summary="Dead letters, newest first")
@needs("viewer")
@answers(LettersJson)
async def list_letters(
    request: Request,
    state: Annotated[
        Literal["waiting", "replayed", "discarded", "all"], Query(description="What became of them")
    ] = "waiting",
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE, description="How many at most")] = 100,
    offset: Offset = 0,
) -> Response:
    """
    Return one page of the letters in a state.

    Raises:
        StorageError: The database can't be read.
    """
    storage = context(request).services.storage
    letters, total = await storage.dead_letters(None if state == "all" else state, limit, offset)
    rows = [LetterJson(**_letter(letter)) for letter in letters]
    return json(LettersJson(rows, total, limit, offset))


@router.post("/replay", responses={422: PROBLEM_RESPONSES[422]}, summary="Write dead letters after all")
@needs("operator")
@reads(LetterOrder, _EXAMPLE)
@answers(LetterOutcomesJson)
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


@router.post("/discard", responses={422: PROBLEM_RESPONSES[422]}, summary="Give dead letters up")
@needs("admin")
@reads(LetterOrder, _EXAMPLE)
@answers(LetterOutcomesJson)
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
@answers(LetterContentJson)
async def get_letter(
    request: Request, letter_id: Annotated[int, Path(ge=0, le=MAX_ID, description="Id of a letter")]
) -> Response:
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
    return json(LetterContentJson(**_letter(letter), content=content))


def _ids(body: bytes) -> Sequence[int]:
    try:
        return msgspec.json.decode(body, type=LetterOrder).ids
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest(
            f'the body must be like {{"ids": [1, 2]}}, with at most {MOST_AT_ONCE} of them'
        ) from exc


def _outcomes(outcomes: list[LetterOutcome]) -> LetterOutcomesJson:
    return LetterOutcomesJson(sum(outcome.ok for outcome in outcomes), outcomes)


def _letter(letter: DeadLetter) -> dict[str, Any]:
    return fields_of(
        letter,
        accepted_at=iso_ms(letter.accepted_at),
        buried_at=iso_ms(letter.buried_at),
        settled_at=optional_ms(letter.settled_at),
    )
