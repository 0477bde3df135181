"""The document's examples keep to its schemas, and typed in against the demo shop they work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis

from checkout_project.wsgi import application
from tests.openapi import shapes
from tests.openapi.calls import CALLS

DOCUMENT = schemathesis.openapi.from_wsgi("/api/schema", application).raw_schema
OPERATIONS = {one["operationId"]: one for methods in DOCUMENT["paths"].values() for one in methods.values()}
NEEDS_A_REAL_TOKEN = {"refresh_access_token", "sign_in"}


def content_of(part: dict[str, Any]) -> dict[str, Any]:
    return part.get("content", {}).get("application/json", {})


def examples_in(part: dict[str, Any]) -> Iterator[Any]:
    yield from (example["value"] for example in content_of(part).get("examples", {}).values())


ASKED = [(name, value) for name, one in OPERATIONS.items() for value in examples_in(one.get("requestBody", {}))]
ANSWERED = [
    (name, status, value)
    for name, one in OPERATIONS.items()
    for status, answer in one["responses"].items()
    for value in examples_in(answer)
]


def test_every_operation_has_examples_of_what_it_takes_and_gives():
    takes = {name for name, one in OPERATIONS.items() if "requestBody" in one}
    gives = {name for name, one in OPERATIONS.items() if "204" not in one["responses"]}
    assert {name for name, _ in ASKED} == takes
    assert {name for name, _, _ in ANSWERED} == gives


def test_every_operation_is_described_and_belongs_to_an_api():
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for name, one in OPERATIONS.items():
        assert one["summary"], name
        assert one["description"], name
        assert set(one["tags"]) <= tags, name


@pytest.mark.parametrize(("operation", "value"), ASKED)
def test_an_example_of_a_request_keeps_to_its_schema(operation: str, value: Any):
    schema = content_of(OPERATIONS[operation]["requestBody"])["schema"]
    shapes.validator(DOCUMENT, schema).validate(value)


@pytest.mark.parametrize(("operation", "status", "value"), ANSWERED)
def test_an_example_of_an_answer_keeps_to_its_schema(operation: str, status: str, value: Any):
    schema = content_of(OPERATIONS[operation]["responses"][status])["schema"]
    shapes.validator(DOCUMENT, schema).validate(value)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("operation", "value"), [case for case in ASKED if case[0] not in NEEDS_A_REAL_TOKEN])
def test_an_example_of_a_request_works_in_the_demo_shop(operation: str, value: Any):
    response = CALLS[operation]().but(body=value).send()
    assert 200 <= response.status_code < 300, response.content
