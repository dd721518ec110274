"""JSON Schema of the types that are sent and read, for the OpenAPI and the AsyncAPI document alike."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec import inspect as shape

REF = "#/components/schemas/"


def schema_components(
    sent: Sequence[object], read: Sequence[object] = ()
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """
    Return each type's schema, those of `sent` before those of `read`, and the named schemas they refer to.

    A sent struct has all its fields but those that are UNSET: a default is for who makes it, not for who reads it.
    One that is read too may lack those that have a default.

    Raises:
        TypeError: Two different types have one name.
    """
    found: dict[str, type[msgspec.Struct]] = {}
    for kind in _structs(shape.multi_type_info(sent), set()):
        if found.setdefault(kind.__name__, kind) is not kind:
            raise TypeError(f"two types are called {kind.__name__}: {kind} and {found[kind.__name__]}")
    bodies, schemas = msgspec.json.schema_components([*sent, *read], ref_template=REF + "{name}")
    both_ways = set(_structs(shape.multi_type_info(read), set()))
    for name, kind in found.items():
        if kind not in both_ways and not kind.__struct_config__.array_like:
            schemas[name]["required"] = [
                field.encode_name for field in msgspec.structs.fields(kind) if field.default is not UNSET
            ]
            for property_ in schemas[name]["properties"].values():
                property_.pop("default", None)
    return list(bodies), schemas


def _structs(kinds: Sequence[shape.Type], seen: set[object]) -> Iterator[type[msgspec.Struct]]:
    """Yield every struct that is reached from these types, each once."""
    for kind in kinds:
        if isinstance(kind, shape.StructType):
            if kind.cls in seen:
                continue
            seen.add(kind.cls)
            yield kind.cls
            yield from _structs([field.type for field in kind.fields], seen)
        elif isinstance(kind, shape.UnionType):
            yield from _structs(kind.types, seen)
        elif isinstance(kind, shape.Metadata):
            yield from _structs([kind.type], seen)
        elif isinstance(kind, shape.DictType):
            yield from _structs([kind.value_type], seen)
        elif isinstance(kind, shape.ListType | shape.VarTupleType):
            yield from _structs([kind.item_type], seen)
        elif isinstance(kind, shape.TupleType):
            yield from _structs(kind.item_types, seen)
