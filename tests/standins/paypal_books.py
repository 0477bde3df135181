"""What PayPal's stand-in keeps, and how it refuses: orders, captures, authorizations, error bodies, strict readers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.standins.faults import Answer, Asked

Json = dict[str, Any]
_WHOLE_ONLY = {"JPY", "HUF", "TWD"}
TAKES = {"USD", "EUR", "DKK", "GBP", "SEK", *_WHOLE_ONLY}


class Refused(Exception):
    """A status with PayPal's own manner of an error body."""

    def __init__(self, status: int, name: str, issue: str = "", description: str = "") -> None:
        super().__init__(issue or name)
        details = [{"issue": issue, "description": description or issue}] if issue else []
        self.answer = Answer(
            status, {"name": name, "message": name.replace("_", " "), "debug_id": "b1d1f06c7246c", "details": details}
        )


def unprocessable(issue: str, description: str = "") -> Refused:
    return Refused(422, "UNPROCESSABLE_ENTITY", issue, description)


def not_found() -> Refused:
    return Refused(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID", "Specified resource ID does not exist.")


@dataclass
class Authorization:
    id: str
    value: Decimal
    status: str = "CREATED"


@dataclass
class Capture:
    id: str
    order_id: str
    value: Decimal
    status: str = "COMPLETED"
    refunds: list[Json] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        going = [refund for refund in self.refunds if refund["status"] in {"COMPLETED", "PENDING"}]
        return self.value - sum((Decimal(refund["amount"]["value"]) for refund in going), Decimal(0))

    def note_what_is_left(self) -> None:
        self.status = "COMPLETED" if self.left == self.value else "PARTIALLY_REFUNDED" if self.left else "REFUNDED"


@dataclass
class Order:
    id: str
    intent: str
    unit: Json
    status: str = "PAYER_ACTION_REQUIRED"
    declines: str = ""  # the issue that taking the payer's money ends with
    pends: bool = False  # its capture is pending at first
    authorizations: list[Authorization] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)

    @property
    def currency(self) -> str:
        return str(self.unit["amount"]["currency_code"])


def counts(capture: Capture) -> bool:
    return capture.status in {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}


def check_body(asked: Asked) -> None:
    if asked.method == "GET" and asked.body:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE")
    if asked.body and asked.headers.get("content-type") != "application/json":
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE")
    try:
        body = asked.json
    except ValueError as error:
        raise Refused(400, "INVALID_REQUEST", "MALFORMED_REQUEST_JSON") from error
    if asked.body and not isinstance(body, dict):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE")


def only(body: Json, known: set[str]) -> None:
    unknown = set(body) - known
    if unknown:
        raise Refused(400, "INVALID_REQUEST", "INVALID_PARAMETER_SYNTAX", f"unknown: {sorted(unknown)}")


def value_of(amount: Json, currency: str = "") -> Decimal:
    """A positive amount as PayPal takes it: text, with the currency's own decimals."""
    only(amount, {"currency_code", "value"})
    code, value = amount["currency_code"], amount["value"]
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", value):
        raise Refused(400, "INVALID_REQUEST", "INVALID_PARAMETER_SYNTAX")
    if code not in TAKES:
        raise unprocessable("CURRENCY_NOT_SUPPORTED", "Currency code is not currently supported.")
    if code in _WHOLE_ONLY and "." in value:
        raise unprocessable("DECIMALS_NOT_SUPPORTED")
    if currency and code != currency:
        raise unprocessable("CURRENCY_MISMATCH")
    if not Decimal(value):
        raise unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE")
    return Decimal(value)


def money(value: Decimal, currency: str) -> Json:
    return {"currency_code": currency, "value": str(value)}
