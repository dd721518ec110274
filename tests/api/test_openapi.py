"""The OpenAPI document is true: what the app answers fits it, and so do its own examples."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest

from overround.api.app import ROUTERS
from overround.api.json_schema import schema_components
from overround.api.openapi import document, recorded
from tests.support.exchanges import EXCHANGES, exchanged

DOCUMENT = json.loads(json.dumps(document(ROUTERS)))
OPERATIONS = {
    operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()
}
BY_HAND = {"get_metrics"}  # its answer is another with every version of Python


def closed(schema: Any) -> Any:
    """Return a schema that takes no fields beside those it names, so that none goes undescribed."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(each) for name, each in schema.items()}
    return {**made, "additionalProperties": False} if "properties" in made else made


COMPONENTS = {**DOCUMENT["components"], "schemas": closed(DOCUMENT["components"]["schemas"])}


def misfits(schema: dict[str, Any], value: object) -> list[str]:
    """Return what of a value does not fit a schema of the document."""
    checker = jsonschema.Draft202012Validator({**schema, "components": COMPONENTS})
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(value)]


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (status, media type, content) of every answer with a body."""
    for status, answer in operation["responses"].items():
        if status >= "400":
            assert answer == {"$ref": f"#/components/responses/{status}"}
            answer = DOCUMENT["components"]["responses"][status]
        for media_type, content in answer.get("content", {}).items():
            yield status, media_type, content


@pytest.mark.slow
async def test_real_answers_fit_the_document(tmp_path):
    """Every operation is asked, and answers exactly the fields that its schema names."""
    asked = set(BY_HAND)
    async for exchange, answer in exchanged(tmp_path):
        asked.add(exchange.operation)
        ((_, _, content), *_others) = (
            each for each in contents(OPERATIONS[exchange.operation]) if each[0] == str(exchange.status)
        )
        assert misfits(content["schema"], answer) == [], exchange
    assert asked == OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_described_with_examples_that_fit(name):
    """Every answer that is no error, every body and every parameter; scripts/record_examples.py records them."""
    operation = OPERATIONS[name]
    successes = [each for each in contents(operation) if each[0] < "400"]
    assert any("example" in content for _, _, content in successes)
    body = operation.get("requestBody", {}).get("content", {})
    for content in (*(content for _, _, content in successes), *body.values()):
        if "example" in content:
            assert misfits(content["schema"], content["example"]) == []
    assert [content for content in body.values() if "example" not in content] == []
    assert [each["name"] for each in operation.get("parameters", ()) if not each.get("description")] == []
    assert operation["summary"] and operation["x-role"]


def test_examples_belong_to_operations():
    """One that was left behind would describe nothing."""
    assert {exchange.operation for exchange in EXCHANGES} | BY_HAND == OPERATIONS.keys()
    assert all(recorded(name) for name in OPERATIONS.keys() - BY_HAND)


def test_every_error_is_a_problem():
    """With an example each; no other error is in the document."""
    for name, operation in OPERATIONS.items():
        for status, media_type, content in contents(operation):
            if status >= "400":
                assert media_type == "application/problem+json", name
                assert misfits(content["schema"], content["example"]) == []
                assert content["example"]["status"] == int(status)


def test_the_schema_tells_right_from_wrong():
    """A missing field, a field too many and one of another kind are told."""
    schema = next(contents(OPERATIONS["get_health_live"]))[2]["schema"]
    right = {"status": "live", "build": "1"}
    assert misfits(schema, right) == []
    for wrong in (
        {"status": "live"},
        {**right, "more": 1},
        {**right, "build": 1},
        {**right, "status": "dead"},
    ):
        assert misfits(schema, wrong) != []


def test_a_sent_struct_has_all_its_fields_and_a_read_one_needs_some():
    """Defaults are for who makes a value."""
    _, schemas = schema_components([Sent], [Asked])
    assert schemas["Sent"]["required"] == ["one"] and schemas["Asked"].get("required", []) == []


def test_two_types_of_one_name_are_refused():
    """One would be described as the other."""
    same = msgspec.defstruct("Sent", [("other", int)])
    with pytest.raises(TypeError, match="two types are called Sent"):
        schema_components([Sent, same])


class Sent(msgspec.Struct):
    one: int = 1
    maybe: int | msgspec.UnsetType = msgspec.UNSET


class Asked(msgspec.Struct):
    one: int = 1
