"""The shape of JSON answers: which fields there are, whatever they hold."""

import re
from collections.abc import Iterable
from typing import Any, cast

import msgspec

ANY_KEY = "*"  # stands for keys that are data: ids, odds by outcome


class AnswerShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the answers of one operation must and may hold."""

    required: tuple[str, ...]  # we read them: without one the parser says something else, or nothing
    known: tuple[str, ...] = ()  # seen before, not read, or not in every answer


class ShapeDifference(msgspec.Struct, frozen=True):
    """How answers differ from their shape; of a field and all below it only the field is named."""

    missing: tuple[str, ...]  # required and not there
    new: tuple[str, ...]  # there and never seen before


def field_paths(answer: Any, open_keys: str) -> set[str]:
    """
    Return the path of every field, with [] for each list on the way.

    Args:
        answer: Decoded JSON.
        open_keys: Regular expression of keys that are data; they all count as one.

    >>> sorted(field_paths({"data": [{"id": 1}, {"odds": {"7": "2.1", "9": "3"}}]}, r"[0-9]+"))
    ['data', 'data[]', 'data[].id', 'data[].odds', 'data[].odds.*']
    """
    is_open = re.compile(open_keys).fullmatch
    paths = set[str]()
    waiting: list[tuple[str, Any]] = [("", answer)]
    while waiting:
        path, value = waiting.pop()
        if path:
            paths.add(path)
        if isinstance(value, dict):
            for key, inner in cast(dict[str, Any], value).items():
                name = ANY_KEY if is_open(key) else key
                waiting.append((f"{path}.{name}" if path else name, inner))
        elif isinstance(value, list):
            waiting += [(f"{path}[]", inner) for inner in cast(list[Any], value)]
    return paths


def compare(shape: AnswerShape, paths: set[str]) -> ShapeDifference:
    """
    Return how the fields of all answers to one operation differ from what was seen before.

    >>> compare(AnswerShape(("id", "odds", "odds[]"), ("name",)), {"id", "price", "price[]"})
    ShapeDifference(missing=('odds',), new=('price',))
    """
    required = set(shape.required)
    return ShapeDifference(_topmost(required - paths), _topmost(paths - required - set(shape.known)))


def _topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that lie below no other one of them."""
    chosen = set(paths)
    return tuple(sorted(path for path in chosen if not any(above in chosen for above in _above(path))))


def _above(path: str) -> list[str]:
    """
    Return every path that this one lies below.

    >>> _above("data[].odds.x")
    ['data', 'data[]', 'data[].odds']
    """
    return [path[: place.start()] for place in re.finditer(r"\.|\[\]", path) if place.start()]
