"""Staff at a record's page: what a dialog sends, and what the page says afterwards."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Model
from django.urls import reverse

from catalog.models import Stock
from orders.models import Order
from outbox import delivery
from payments import services as payments
from payments.gateways.test import TestGateway
from payments.models import Payment
from tests.factories import MEDIUM_BLUE_ID

DELIVERIES = 3  # of everything that waits: an event's handler may write another


def address_of(row: Model, what: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=[row.pk])


def press(client: Any, row: Model, button: str, **typed: object) -> Any:
    """A dialog's answer; each call is a press of its own unless it says `request_key`."""
    return client.post(address_of(row, button), {"_form_submitted": "1", "request_key": str(uuid.uuid4()), **typed})


def page(client: Any, row: Model) -> str:
    return client.get(address_of(row)).content.decode()


def words(html: str) -> str:
    """What a page says, without how."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def after(client: Any, row: Model, button: str, **typed: object) -> str:
    """The page after the press was taken; the row is read anew."""
    answer = press(client, row, button, **typed)
    assert answer.status_code == 302, answer.content.decode()
    row.refresh_from_db()
    return page(client, row)


def refused(client: Any, row: Model, button: str, **typed: object) -> str:
    """The dialog that is asked again; the row is read anew."""
    answer = press(client, row, button, **typed)
    assert answer.status_code == 200, answer["Location"]
    row.refresh_from_db()
    return str(answer.content.decode())


def has_button(html: str, row: Model, button: str) -> bool:
    return f'"{address_of(row, button)}"' in html


def noted() -> list[str]:
    return list(LogEntry.objects.order_by("id").values_list("change_message", flat=True))


def held_for(order: Order) -> Payment:
    """Authorized, not taken: the order is accepted."""
    with transaction.atomic():
        payment = payments.open_payment(order, provider="stripe", instrument="tok_visa")
    result = TestGateway().authorize(payments._request(payment))
    return payments.apply_result(payment.pk, result, heard_from="answer")


def in_doubt(order: Order) -> Payment:
    """Charged by the gateway, whose answer never came."""
    with transaction.atomic():
        payment = payments.open_payment(order, provider="stripe", instrument="tok_visa")
    TestGateway().purchase(payments._request(payment))
    return payments.apply_result(payment.pk, payments.UNANSWERED, heard_from="answer")


def shelf() -> tuple[int, int]:
    """(on hand, reserved) of the demo shirt, less what the demo shop has of it."""
    stock = Stock.objects.get(variant_id=MEDIUM_BLUE_ID)
    return stock.on_hand, stock.reserved


def deliver() -> None:
    for _ in range(DELIVERIES):
        for event in delivery.claim(100):
            assert delivery.deliver(event), event.last_error
