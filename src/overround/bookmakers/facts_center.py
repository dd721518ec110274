"""What SportyBet and MSport share beside the feed: the envelope of every answer, and Sportradar's own ids."""

import re
from typing import Generic, TypeVar

import msgspec

from overround.errors import EventGone, PayloadChanged

Id = str | int  # ids arrive as text or number; both are read alike
Data = TypeVar("Data")

_MATCH_ID = re.compile(r"sr:match:([1-9]\d{0,17})", re.ASCII)
_SPORTS = {"sr:sport:1": "football", "sr:sport:2": "basketball", "sr:sport:5": "tennis"}


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """The envelope of every answer, whatever its data."""

    biz_code: Id  # 10000 is success, whatever the HTTP status
    message: str | None = None  # product flags, "success", or the reason of a refusal
    data: msgspec.Raw = msgspec.Raw()


class Detail(msgspec.Struct, Generic[Data], frozen=True, rename="camel"):
    """An answer that holds an event."""

    biz_code: Id
    data: Data


def read_answer(code: str, operation: str, body: bytes) -> Answer:
    """
    Read the envelope of an answer.

    Raises:
        PayloadChanged: Not JSON, or not the envelope.
    """
    try:
        return _ANSWERS.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(code, operation, str(exc)) from exc


def read_event(decoder: msgspec.json.Decoder[Detail[Data]], code: str, operation: str, body: bytes) -> Data:
    """
    Return the event of a detail.

    Raises:
        EventGone: The envelope says something else than success.
        PayloadChanged: Any other shape.
    """
    try:
        detail = decoder.decode(body)
    except (ValueError, RecursionError) as exc:
        answer = read_answer(code, operation, body)  # a refusal has no event for data
        if not succeeded(answer.biz_code):
            raise EventGone(code, operation, refusal(answer)) from exc
        raise PayloadChanged(code, operation, str(exc)) from exc
    if not succeeded(detail.biz_code):
        raise EventGone(code, operation, f"bizCode {detail.biz_code}")
    return detail.data


def read_data(decoder: msgspec.json.Decoder[Data], code: str, operation: str, body: bytes) -> Data:
    """
    Return what a list answer holds.

    Raises:
        PayloadChanged: Another shape, or a code other than success.
    """
    answer = read_answer(code, operation, body)
    if not succeeded(answer.biz_code):
        raise PayloadChanged(code, operation, refusal(answer))
    try:
        return decoder.decode(answer.data)
    except (ValueError, RecursionError) as exc:
        raise PayloadChanged(code, operation, str(exc)) from exc


def succeeded(biz_code: Id) -> bool:
    """Return whether the envelope's code is that of success."""
    return biz_code in (10000, "10000")


def refusal(answer: Answer) -> str:
    """Return what the envelope says instead of data, for people."""
    return f"bizCode {str(answer.biz_code)[:20]} {(answer.message or '')[:80]}".rstrip()


def sportradar_id(event_id: str) -> str | None:
    """
    Return the digits of a match id, None for anything that is not a match.

    >>> sportradar_id("sr:match:68995116"), sportradar_id("sr:season:1"), sportradar_id("sr:match:0")
    ('68995116', None, None)
    """
    found = _MATCH_ID.fullmatch(event_id)
    return found[1] if found else None


def sport_word(sport_id: Id, name: str | None) -> str:
    """Return our word for a sport, else theirs in lower case."""
    return _SPORTS.get(str(sport_id)) or (name or str(sport_id)).strip().lower()


_ANSWERS = msgspec.json.Decoder(Answer)
