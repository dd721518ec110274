"""The OpenAPI 3.1 document, made of the routes and of the types they declare."""

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from overround import __version__, api
from overround.api import problems
from overround.api.json_schema import schema_components
from overround.api.roles import GuardedRoute

_DESCRIPTION = (
    "Odds of several bookmakers side by side, as they are now, were and move. Times are UTC in ISO 8601, odds "
    "decimal, ratios fractions. Errors are problems (RFC 9457) with one clear sentence. Every operation names in "
    "`x-role` the scope that its key needs; a server on loopback asks for none. `/api/asyncapi.json` describes the "
    "WebSocket."
)
_HEADERS = {
    "ETag": {"description": "Tag of this version; If-None-Match with it gives 304 while nothing changed"},
    "X-Epoch": {"description": "The server's start, for `since` of a subscription"},
    "X-Seq": {"description": "Sequence number of odds_updates that this answer reflects"},
}


def document(routers: Iterable[APIRouter]) -> dict[str, Any]:
    """Return the document of these routers' routes."""
    routes = [route for router in routers for route in router.routes if isinstance(route, GuardedRoute)]
    made = get_openapi(
        title="Overround", version=__version__, description=_DESCRIPTION, routes=routes,
        servers=[{"url": "/", "description": "The server that serves this document"}],
    )  # fmt: skip
    described = [route for route in routes if route.include_in_schema]
    sent = [kind for route in described for answer in route.answers.values() for kind in answer.kinds]
    read = [route.reads.kind for route in described if route.reads]
    bodies, schemas = schema_components(sent, read)
    answered, asked = iter(bodies[: len(sent)]), iter(bodies[len(sent) :])
    for route in described:
        for method in route.methods or ():
            operation = made["paths"][route.path_format][method.lower()]
            schemas_of = {
                status: _any_of([next(answered) for _ in answer.kinds])
                for status, answer in route.answers.items()
            }
            _describe(operation, route, schemas_of)
            if route.reads:
                operation["requestBody"] = _body(next(asked), route.reads.example, route.reads.required)
    made["components"] = {
        "schemas": {**schemas, "Problem": problems.PROBLEM_SCHEMA},
        "responses": {str(status): answer for status, answer in problems.PROBLEM_RESPONSES.items()},
        "headers": {name: {**header, "schema": {"type": "string"}} for name, header in _HEADERS.items()},
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key, as overround keys makes it",
            }
        },
    }
    return made


def _describe(operation: dict[str, Any], route: GuardedRoute, schemas: dict[int, dict[str, Any]]) -> None:
    """Complete an operation: its answers with schema and example, errors as problems, and who may call it."""
    operation["security"] = [{}] if route.role == "public" else [{"key": []}, {}]
    answers, examples = operation["responses"], recorded(operation["operationId"])
    if schemas and 200 not in schemas:
        answers.pop("200", None)
    for status in answers:
        if status >= "400":
            answers[status] = {"$ref": f"#/components/responses/{status}"}
    for status, schema in schemas.items():
        declared = route.answers[status]
        answers[str(status)] = {
            "description": declared.description,
            "content": {"application/json": {"schema": schema, **_example(examples, str(status))}},
        }
        if declared.headers:
            answers[str(status)]["headers"] = {
                name: {"$ref": f"#/components/headers/{name}"} for name in declared.headers
            }
    for status, answer in answers.items():
        for content in answer.get("content", {}).values():
            if status not in map(str, schemas):
                content.update(_example(examples, status))
    operation["responses"] = dict(sorted(answers.items()))


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _example(examples: dict[str, Any], status: str) -> dict[str, Any]:
    return {"example": examples[status]} if status in examples else {}


def _body(schema: dict[str, Any], example: object, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema, "example": example}}}


@cache
def recorded(operation_id: str) -> dict[str, Any]:
    """Return an operation's recorded answers by status, {} when there is none: see scripts/record_examples.py."""
    file = resources.files(api) / "examples" / f"{operation_id}.json"
    return msgspec.json.decode(file.read_bytes()) if file.is_file() else {}
