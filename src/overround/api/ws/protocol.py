"""The messages of /api/ws: what clients may send, and the envelope of everything they get."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from overround.api.schemas import ENCODER, iso_ms
from overround.api.ws.filters import FilterRequest

HEARTBEAT_S = 5.0
MAX_MESSAGE_BYTES = 64 * 1024
MESSAGES_PER_S = 20
MAX_TOPICS = 64
MAX_CONFLATE_MS = 120_000

CLOSE_KEY = 4001  # missing, expired or revoked
CLOSE_FORBIDDEN = 4003
CLOSE_SLOW = 4008
CLOSE_DRAINING = 4009
CLOSE_POLICY = 1008
CLOSE_ERROR = 1011

ODDS = "odds_updates"
PROGRESS = "scrape_progress"
STATUS = "status"
ALERTS = "alerts"
MOVEMENTS = "movements"
PLAIN = (PROGRESS, STATUS, ALERTS, MOVEMENTS)  # without filters and without a snapshot
EVENT = "event:"

Mode = Literal["snapshot", "resumed"]
Reason = Literal[
    "new_epoch", "window_exceeded", "filter_changed", "slow", "reloaded"
]  # why a client that wanted to resume starts anew


class Since(msgspec.Struct, frozen=True):
    """The last frame of a topic that a client holds."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: Annotated[int, Meta(ge=0)]


Topic = Annotated[str, Meta(min_length=1, max_length=64)]
Topics = Annotated[list[Topic], Meta(min_length=1, max_length=256)]


class Subscribe(msgspec.Struct, frozen=True, tag="subscribe"):
    """Follow topics; `filter` and `conflate_ms` hold for every topic of the message."""

    topics: Topics
    since: dict[str, Since] = {}
    filter: FilterRequest | None = None
    conflate_ms: Annotated[int, Meta(ge=0, le=MAX_CONFLATE_MS)] = 0


class Unsubscribe(msgspec.Struct, frozen=True, tag="unsubscribe"):
    """Follow topics no longer."""

    topics: Topics


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """Ask for a pong."""


ClientMessage = Subscribe | Unsubscribe | Ping
_DECODER = msgspec.json.Decoder(ClientMessage)


class _Wrapped(msgspec.Struct):
    """A client message in the envelope of the server's: its fields stand in `data`."""

    type: str
    data: dict[str, msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_WRAPPED = msgspec.json.Decoder(_Wrapped)


def read_message(text: str | bytes) -> ClientMessage:
    """
    Return a client's message; its fields may stand beside `type` or in `data`.

    Raises:
        ValueError: Bad JSON, an unknown type, or a field out of bounds; one sentence.
    """
    try:
        wrapped = _WRAPPED.decode(text)
        if wrapped.data is not msgspec.UNSET:
            text = ENCODER.encode({**wrapped.data, "type": wrapped.type})
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("the message is nested too deeply") from None


def event_of(topic: str) -> str | None:
    """Return the Sportradar id of an `event:{id}` topic, None for other topics."""
    sportradar_id = topic.removeprefix(EVENT)
    is_event = topic.startswith(EVENT) and sportradar_id.isascii() and sportradar_id.isdigit()
    return sportradar_id if is_event and len(sportradar_id) <= 20 else None


def is_topic(topic: str) -> bool:
    """Return whether the topic exists."""
    return topic == ODDS or topic in PLAIN or event_of(topic) is not None


def control(kind: str, now: datetime, data: object, topic: str = "") -> str:
    """Return a message that is no part of a topic's sequence."""
    envelope: dict[str, object] = {"type": kind, "timestamp": iso_ms(now)}
    if topic:
        envelope["topic"] = topic
    return ENCODER.encode({**envelope, "data": data}).decode()


def frame(
    kind: str, now: datetime, topic: str, epoch: str, seq: int, data: bytes, first_seq: int | None = None
) -> str:
    """
    Return a frame of a topic's sequence; `data` is JSON already.

    `first_seq` goes into the envelope of topics whose data have no place for it.
    """
    first = "" if first_seq is None else f'"first_seq":{first_seq},'
    return (
        f'{{"type":"{kind}","timestamp":"{iso_ms(now)}","topic":"{topic}","epoch":"{epoch}",'
        f'{first}"seq":{seq},"data":{data.decode()}}}'
    )
