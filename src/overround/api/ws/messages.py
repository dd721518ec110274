"""Every message of /api/ws as the server sends it: one type per kind, from which the AsyncAPI document is made."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from overround.api.alert_json import AlertJson
from overround.api.analysis_json import MovementJson
from overround.api.schemas import (
    ChangeJson,
    HeaderJson,
    ListingRow,
    RunJson,
    SourceJson,
)
from overround.api.ws.protocol import Mode, Reason
from overround.config import SettingValue, World
from overround.domain.runs import RunProgress

Count = Annotated[int, Meta(ge=0)]
Number = Annotated[int, Meta(ge=1)]


class Acknowledgement(msgspec.Struct, frozen=True):
    """Who the server is; the first message of a connection."""

    build: str
    epoch: str
    heartbeat_ms: Number
    world: World


class Subscribed(msgspec.Struct, frozen=True):
    """A topic is followed: what comes next is a snapshot, or what was missed."""

    topic: str
    mode: Mode
    reason: Reason | UnsetType = UNSET  # why it could not be resumed


class SnapshotPart(msgspec.Struct, frozen=True):
    """A part of a filter's whole state; all parts carry one seq."""

    part: Number
    last: bool
    now: str
    events: list[HeaderJson]
    listings: list[ListingRow]
    markets: list[ChangeJson]


class MarketChanged(ChangeJson, frozen=True, gc=False, kw_only=True):
    """A market with the odds before, one per outcome."""

    previous: list[float | None]


class Confirmation(msgspec.Struct, frozen=True):
    """Events whose prices, or those of some market ids, were seen again unchanged."""

    at: str
    events: list[str]
    markets: list[str] | UnsetType = UNSET


class OddsUpdate(msgspec.Struct, frozen=True):
    """What changed; applied in this order: removed, events, listings, changes, confirmed."""

    first_seq: Number
    run_id: str | None
    removed: list[str] | UnsetType = UNSET
    events: list[HeaderJson] | UnsetType = UNSET
    listings: list[ListingRow] | UnsetType = UNSET
    changes: list[MarketChanged] | UnsetType = UNSET
    confirmed: dict[str, list[Confirmation]] | UnsetType = UNSET  # by bookmaker


class Heartbeat(msgspec.Struct, frozen=True):
    """Everything up to here was sent or filtered away, per topic followed."""

    seq: dict[str, Count]
    sources: list[SourceJson]


class Resync(msgspec.Struct, frozen=True):
    """A new snapshot follows, unasked."""

    topic: str
    reason: Reason


class Drain(msgspec.Struct, frozen=True):
    """The server stops; the connection closes with 4009 after this long."""

    grace_ms: Count


class Pong(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to a ping."""


class Refusal(msgspec.Struct, frozen=True):
    """What the server does not do, and why."""

    code: str
    detail: str


# Without a place in a topic's sequence: no epoch and no seq.
CONTROL: dict[str, object] = {
    "connection_ack": Acknowledgement,
    "subscribed": Subscribed,
    "heartbeat": Heartbeat,
    "resync": Resync,
    "drain": Drain,
    "pong": Pong,
    "error": Refusal,
}
FRAMES: dict[str, object] = {
    "snapshot": SnapshotPart,
    "odds_update": OddsUpdate,
    "scrape_progress": RunProgress,
    "run_finished": RunJson,
    "source_health": SourceJson,
    "settings_changed": dict[str, SettingValue],
    "alert": AlertJson,
    "movement": MovementJson,
}
