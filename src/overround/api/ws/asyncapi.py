"""The AsyncAPI 3 document of /api/ws, made of the types that are sent and read."""

from typing import Any

import msgspec

from overround import __version__
from overround.api.json_schema import schema_components
from overround.api.ws.messages import CONTROL, FRAMES
from overround.api.ws.protocol import (
    CLOSE_DRAINING,
    CLOSE_SLOW,
    MAX_MESSAGE_BYTES,
    MAX_TOPICS,
    MESSAGES_PER_S,
    Ping,
    Subscribe,
    Unsubscribe,
)

_CLIENT: tuple[type[msgspec.Struct], ...] = (Subscribe, Unsubscribe, Ping)
_DESCRIPTION = (
    f"JSON text frames. A client may send {MESSAGES_PER_S} messages a second of {MAX_MESSAGE_BYTES // 1024} KiB "
    f"and follow {MAX_TOPICS} topics. Topics: odds_updates, event:{{sportradar_id}}, scrape_progress, status, "
    f"alerts, movements. Close codes: 4001 key missing or revoked, 4003 not allowed, {CLOSE_SLOW} too slow, "
    f"{CLOSE_DRAINING} the server stops."
)


def document() -> dict[str, Any]:
    """Return the document."""
    server = {**CONTROL, **FRAMES}
    bodies, schemas = schema_components(list(server.values()), _CLIENT)
    messages: dict[str, Any] = {}
    for kind, body in zip(server, bodies, strict=False):
        messages[kind] = {"payload": _envelope(kind, body, is_frame=kind in FRAMES)}
    names = {each: _name(each) for each in _CLIENT}
    for each, body in zip(_CLIENT, bodies[len(server) :], strict=True):
        messages[names[each]] = {"payload": body}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Overround live stream", "version": __version__, "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {
            "stream": {
                "address": "/api/ws",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "hear": _operation("send", server),
            "ask": _operation("receive", names.values()),
        },
        "components": {
            "messages": {name: {"name": name, **message} for name, message in messages.items()},
            "schemas": schemas,
        },
    }


def _name(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _operation(action: str, names: Any) -> dict[str, Any]:
    """Return an operation as the server sees it: it sends, or receives, these messages."""
    return {
        "action": action,
        "channel": {"$ref": "#/channels/stream"},
        "messages": [{"$ref": f"#/channels/stream/messages/{name}"} for name in names],
    }


def _envelope(kind: str, body: dict[str, Any], is_frame: bool) -> dict[str, Any]:
    """Return the schema of a whole message of the server."""
    properties: dict[str, Any] = {
        "type": {"const": kind},
        "timestamp": {"type": "string", "format": "date-time"},
        "topic": {"type": "string"},
        "data": body,
    }
    required = ["type", "timestamp", "data"]
    if is_frame:
        properties |= {
            "epoch": {"type": "string"},
            "seq": {"type": "integer", "minimum": 0},
            "first_seq": {"type": "integer", "minimum": 1},
        }
        required += ["topic", "epoch", "seq"]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
