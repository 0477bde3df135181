"""Requests to Stripe for tests."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from payments.gateways.base import ChargeRequest

_keys = (f"pay_{number}_purchase" for number in count(1))


def request(instrument: str = "tok_visa", **changes: object) -> ChargeRequest:
    asked = ChargeRequest(
        key=next(_keys),
        provider="stripe",
        amount=5597,
        currency="USD",
        instrument=instrument,
        order_reference="order-1",
        return_url="http://127.0.0.1:8000/orders/x/return",
    )
    return replace(asked, **changes)


def by_mobilepay(**changes: object) -> ChargeRequest:
    asked = request("+4512345678", provider="mobilepay", currency="DKK")
    return replace(asked, **changes)
