"""
What a route answers and reads, declared as the types it is made of; the OpenAPI document is made from it:

    @router.get("/things", summary="Things")
    @needs("viewer")
    @answers(ThingsJson)
    async def list_things(request: Request) -> Response: ...
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

_ANSWERS, _READS = "overround_answers", "overround_reads"
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


class Answer(msgspec.Struct, frozen=True):
    """One JSON answer of a route that is no error."""

    kinds: tuple[object, ...]  # it is one of these; any types that msgspec writes
    description: str
    headers: tuple[str, ...] = ()  # names of components of the document


class Reads(msgspec.Struct, frozen=True):
    """The JSON body that a route reads."""

    kind: object  # any type that msgspec reads
    example: object
    required: bool


def answers(
    *kinds: object, status: int = 200, description: str = "As asked for", headers: tuple[str, ...] = ()
) -> Callable[[Endpoint], Endpoint]:
    """Declare what an endpoint answers with a status; one decorator each, below `needs`."""

    def declare(endpoint: Endpoint) -> Endpoint:
        declared = {status: Answer(kinds, description, headers), **answers_of(endpoint)}
        setattr(endpoint, _ANSWERS, declared)
        return endpoint

    return declare


def reads(kind: object, example: object, required: bool = True) -> Callable[[Endpoint], Endpoint]:
    """Declare the JSON body that an endpoint reads."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _READS, Reads(kind, example, required))
        return endpoint

    return declare


def answers_of(endpoint: Callable[..., Any]) -> Mapping[int, Answer]:
    """Return what an endpoint declares to answer, by status."""
    return getattr(endpoint, _ANSWERS, {})


def reads_of(endpoint: Callable[..., Any]) -> Reads | None:
    """Return the body that an endpoint declares to read, None when it reads none."""
    return getattr(endpoint, _READS, None)
