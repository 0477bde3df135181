"""Every status that the document names for an operation is really answered, in the shape that it gives; and no
operation answers a status that it does not name (the fuzzing in tests/proofs sees to that).

The cases come from the document itself: a status without a way to produce it fails.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.utils import timezone

from checkout_project.wsgi import application
from common.models import IdempotencyRecord
from dialects import base
from dialects.parser import MAX_BYTES
from dialects.webhooks import MAX_EVENT_BYTES
from payments.declines import client_subject
from payments.models import DeclineMark
from tests.admin_rows import make_order, make_payment
from tests.checkouts.api.conftest import SHIRT, by_token
from tests.openapi import shapes, signed
from tests.openapi.calls import CALLS, Call, bearer, being_paid

SERVED = schemathesis.openapi.from_wsgi("/api/schema", application)
OPERATIONS = {found.ok().definition.raw["operationId"]: found.ok() for found in SERVED.get_all_operations()}
CASES = [(name, int(status)) for name, one in OPERATIONS.items() for status in one.definition.raw["responses"]]
KEY = {"Idempotency-Key": "once"}


def works(call: Call) -> Any:
    return call.send()


def works_again(call: Call) -> Any:
    """Where what is asked for is there already: 200 after 201."""
    call.send()
    return call.send()


def malformed(call: Call) -> Any:
    if call.method == "get":
        return call.but(path=f"{call.path}?limit=none&period=none").send()
    if call.body is None:
        return call.but(headers=call.headers | {"Idempotency-Key": "\u00e9"}).send()
    return call.send_raw(b"{")


def declined(call: Call) -> Any:
    return call.but(body=by_token("tok_chargeDeclined")).send()


def without_credentials(call: Call) -> Any:
    if call.path == "/api/auth/token":
        return call.but(body={"username": "merchant", "password": "wrong"}).send()
    if call.path.startswith("/api/auth"):
        return call.but(body={"refresh": "nonsense"}).send()
    return call.but(headers={}).send()


def not_staff(call: Call) -> Any:
    return call.but(headers=bearer("shopper", is_staff=False)).send()


def not_there(call: Call) -> Any:
    if call.sign:
        return signed.while_closed(call)
    if call.is_tables:
        return not_at_the_table(call)
    if call.path.startswith("/v0"):
        return call.but(path=f"/v0/checkout/{uuid.uuid4()}").send()
    if call.path == "/api/checkout/items":
        return call.but(body=SHIRT | {"product_id": 999_999}).send()
    if call.headers:  # staff's
        return call.but(path=re.sub(r"\d+", "999999", call.path)).send()
    return call.but(session="").send()


def not_at_the_table(call: Call) -> Any:
    """Nobody draws carts outside the demo; other things have names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DEMO", False)
        named = {"cart_id": "CART_00000000", "paypal_order_id": "NONE"}
        return call.but(path=re.sub("CART_.*", "CART_00000000", call.path), body=call.body and call.body | named).send()


def being_paid_elsewhere(call: Call) -> Any:
    if call.sign:
        return signed.while_busy(call)
    if call.is_tables or (call.headers and (call.method == "post" or call.is_trackers)):
        return in_use(call)
    being_paid()
    return call.send()


def in_use(call: Call) -> Any:
    """A twin with the same key has begun and not ended."""
    keyed = call.but(headers=call.headers | KEY)
    keyed.send()
    IdempotencyRecord.objects.update(status=None, locked_until=timezone.now() + timedelta(minutes=1))
    return keyed.send()


def without_length(call: Call) -> Any:
    return call.send_raw(b"", HTTP_TRANSFER_ENCODING="chunked")


def too_long(call: Call) -> Any:
    limit = MAX_EVENT_BYTES if call.sign else MAX_BYTES
    return call.send_raw(b" " * (limit + 1))


def in_another_form(call: Call) -> Any:
    return call.but(headers=call.headers | KEY).send_raw(b"a=1", "application/x-www-form-urlencoded")


def another_body_under_the_same_key(call: Call) -> Any:
    keyed = call.but(headers=call.headers | KEY)
    keyed.send()
    return keyed.send_raw(b'{"something": "else"}')


def too_often(call: Call) -> Any:
    if call.path.startswith("/api/checkout"):
        return declined_too_often(call)
    if call.is_trackers:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "API_RATE_LIMIT", (1, 60))
            return call.send()  # making the call was the first request
    for _ in range(10):  # signing in
        without_credentials(call)
    return call.send()


def declined_too_often(call: Call) -> Any:
    limit, _ = settings.DECLINE_LIMIT
    payment = make_payment(make_order())
    marks = [DeclineMark(subject=client_subject("127.0.0.1"), payment=payment, attempt=str(n)) for n in range(limit)]
    DeclineMark.objects.bulk_create(marks)
    return call.send()


def that_nobody_can_vouch_for(call: Call) -> Any:
    return call.but(sign=signed.by_paypal_that_cannot_be_asked).send()


def out_of_order(call: Call) -> Any:
    """Whatever fails behind the first line of a view."""

    def fail(request: Any) -> None:
        raise RuntimeError("on purpose")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "_check_length", fail)
        return call.send()


WAYS: dict[int, Callable[[Call], Any]] = {
    200: works,
    201: works,
    204: works,
    400: malformed,
    401: without_credentials,
    402: declined,
    403: not_staff,
    404: not_there,
    409: being_paid_elsewhere,
    411: without_length,
    413: too_long,
    415: in_another_form,
    422: another_body_under_the_same_key,
    429: too_often,
    500: out_of_order,
    503: that_nobody_can_vouch_for,
}


def _way(operation: str, status: int) -> Callable[[Call], Any]:
    makes_one = (operation, 201) in CASES
    return works_again if status == 200 and makes_one else WAYS[status]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("operation", "status"), CASES, ids=lambda value: str(value))
def test_a_documented_status_is_answered_in_its_documented_shape(operation: str, status: int) -> None:
    response = _way(operation, status)(CALLS[operation]())
    assert response.status_code == status, response.content
    check(operation, response)


def check(operation: str, response: Any) -> None:
    """Its headers, media type and body are those of the document, and the body has nothing more."""
    described = OPERATIONS[operation].definition.raw["responses"][str(response.status_code)]
    for name, header in described.get("headers", {}).items():
        present = name in response.headers or (name == "Set-Cookie" and bool(response.cookies))
        assert present or not header.get("required"), name
    if "content" not in described:
        assert response.content == b""
        return
    assert [response["Content-Type"]] == list(described["content"])
    shapes.validator(SERVED.raw_schema, described["content"]["application/json"]["schema"]).validate(response.json())
