"""Schemathesis in front of the demo shop: all its checks, the same examples every time.

The session or token of a call that works goes with each example, and good data names what that call names every other
time: else nearly every answer would be 404 or 401. What an example changed is rolled back.
"""

from __future__ import annotations

import functools
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from schemathesis.config import SchemathesisConfig
from schemathesis.python._constants.orchestrator import build_constants_pool

from checkout_project.wsgi import application
from common.cards import holds_card_data
from demo import catalog
from dialects.guest import COOKIE
from tests.openapi.calls import CALLS, Call

# Where the shop and not the body says no: an unknown code, no stock, not complete yet, a declined card.
_REFUSES_GOOD_DATA = {
    "guest_add_item": [400],
    "guest_change_item": [400],
    "guest_apply_discount": [400],
    "guest_complete_checkout": [400, 402, 422],
    "admin_refund_order": [400, 422],
    "intent_begin_checkout": [400, 422],
    "stripe_webhook": [400],
    "tracker_stripe_webhook": [400],
    "paypal_webhook": [400],
    "mail_webhook": [400],
    "cart2table_create_payment": [422],
    "tracker_create_cart": [422],
    "tracker_mark_cart": [422],
    "purchase_create_checkout": [400],  # a text that is no web address, which no pattern says whole
    "tracker_analytics": [400],  # an end before its start, a window of centuries
}
_ENDS_OF_A_REQUEST = (request_started, request_finished)
_ACCEPTED = ["2xx", 401, 403, 404, 409]


@functools.cache
def _document() -> dict[str, Any]:
    return Client(headers={"Host": "127.0.0.1"}).get("/api/schema").json()


def operation_ids() -> list[str]:
    return [one["operationId"] for methods in _document()["paths"].values() for one in methods.values()]


def served(operation: str, manner: str, *, examples: int, seed: int) -> Any:
    """One operation of the document as it is served, and `positive` or `negative` examples of it.

    (A configuration for each operation, in one document for all, would undo the choice of one.)
    """
    accepted = [*_ACCEPTED, *_REFUSES_GOOD_DATA.get(operation, [])]
    config = {
        "seed": seed,
        "checks": {"positive_data_acceptance": {"expected-statuses": accepted}},
        "generation": {
            "mode": manner,
            "max-examples": examples,
            "deterministic": True,
            "allow-extra-parameters": False,  # a query's unknown names are ignored
            "allow-x00": False,  # refused even in names nobody knows, which no schema can say
        },
    }
    document = schemathesis.openapi.from_dict(_document(), config=SchemathesisConfig.from_dict(config))
    document.app = application
    chosen = document.include(operation_id=operation)
    chosen._constants_pool_cache = _constants()
    return chosen


@functools.cache
def _constants() -> Any:
    """The words and numbers of our own source, tried as values: read once, not once an operation."""
    document = schemathesis.openapi.from_wsgi("/api/schema", application)
    build_constants_pool(document)
    return document._constants_pool_cache


@dataclass
class Shopper:
    """Sends examples as one whose `call` works: with its session or token and, every other time, what it names."""

    call: Call
    answers: Counter[int] = field(default_factory=Counter)
    accepted: int = 0

    def send(self, case: Any) -> None:
        """Raises what Schemathesis finds."""
        self._make_plausible(case)
        undone = transaction.atomic()
        undone._from_testcase = True  # type: ignore[attr-defined]  # no transaction of the shop's: gateways may be called
        with undone:
            how = self._sent_as(case)
            response = case.call(**how)
            self._count(case, response.status_code)
            case.validate_response(response, headers=how["headers"])
            transaction.set_rollback(True)

    def _sent_as(self, case: Any) -> dict[str, Any]:
        """A gateway's good event is signed; what is wrong with a bad one would not be seen behind a signature."""
        if self.call.sign is None or not self._is_good(case):
            return {"headers": self.call.headers}
        raw = json.dumps(case.body).encode()
        return {"headers": self.call.sign(raw) | {"Content-Type": "application/json"}, "data": raw}

    @staticmethod
    def _is_good(case: Any) -> bool:
        return case.meta is not None and case.meta.generation.mode.is_positive

    def _count(self, case: Any, status: int) -> None:
        self.answers[status] += 1
        self.accepted += case.method.lower() == self.call.method and 200 <= status < 300

    def _make_plausible(self, case: Any) -> None:
        if self.call.session and COOKIE not in (case.cookies or {}):
            case.cookies = {**(case.cookies or {}), COOKIE: self.call.session}
        if not self._is_good(case):
            return
        named = _named_in(self.call.body) | _named_in_path(case.operation.path, self.call.path)
        example = str((case.path_parameters, case.body))
        case.path_parameters = _with_known(case.path_parameters, named, example)
        case.body = _with_known(_in_64_bits(case.body), named, example)
        if holds_card_data(case.body):  # refused even under names nobody knows, which no schema can say
            case.body = self.call.body


@contextmanager
def shopper(operation: str) -> Iterator[Shopper]:
    """Inside of a test's transaction: as Django's own test client does, no request may close its connection."""
    catalog.load()
    someone = Shopper(CALLS[operation]())
    for signal in _ENDS_OF_A_REQUEST:
        signal.disconnect(close_old_connections)
    try:
        yield someone
    finally:
        for signal in _ENDS_OF_A_REQUEST:
            signal.connect(close_old_connections)


def _named_in(body: Any) -> dict[str, Any]:
    """Name -> value of everything in the body, however deep."""
    if isinstance(body, list):
        return {name: value for one in body for name, value in _named_in(one).items()}
    if not isinstance(body, dict):
        return {}
    return body | {name: value for one in body.values() for name, value in _named_in(one).items()}


def _named_in_path(template: str, path: str) -> dict[str, str]:
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return {part.strip("{}"): value for part, value in pairs if part.startswith("{")}


def _with_known(values: Any, known: dict[str, Any], example: str) -> Any:
    """About every other value that has a known name becomes the known one: in an example the same ones in every run."""
    if isinstance(values, list):
        return [_with_known(one, known, example) for one in values]
    if not isinstance(values, dict):
        return values
    return {
        name: known[name] if name in known and _is_heads(name, example) else _with_known(value, known, example)
        for name, value in values.items()
    }


def _is_heads(name: str, example: str) -> bool:
    """A coin that falls alike for the same example."""
    return zlib.crc32(f"{name} {example}".encode(errors="replace")) % 2 == 0


def _in_64_bits(value: Any) -> Any:
    """Larger numbers are refused even under names nobody knows, which no schema can say."""
    if isinstance(value, dict):
        return {name: _in_64_bits(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_in_64_bits(one) for one in value]
    return 0 if isinstance(value, int) and not -(2**63) <= value < 2**63 else value
