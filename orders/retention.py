"""Forgetting who an old order was for. What was agreed and paid stays: lines, sums, number, dates, the country."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from common.addresses import FIELDS
from orders.models import Order, OrderLine
from orders.parts import GOODS_MISSING
from orders.states import OrderStatus


def over(before: datetime) -> QuerySet[Order]:
    """Orders nobody waits for that last changed before then: paid in full and with all their goods, or canceled with
    nothing of their money left here. Whether a payment is still under way is for the payments to say."""
    paid = Q(status=OrderStatus.ACCEPTED, captured_amount__gte=F("total_amount") + F("surplus_amount")) & ~GOODS_MISSING
    undone = Q(status=OrderStatus.CANCELED, refunded_amount=F("captured_amount"))
    return Order.objects.filter(paid | undone, anonymised_at__isnull=True, updated_at__lte=before)


def anonymise(ids: Collection[int], *, now: datetime) -> int:
    """In the caller's transaction, in two statements. How many."""
    OrderLine.objects.filter(order__in=ids).update(customization={})
    return Order.objects.filter(pk__in=ids).update(
        email="",
        phone="",
        full_name="",
        tracking_number="",
        buyer="",
        person="",
        user=None,
        shipping_address=_country_of("shipping_address"),
        billing_address=_country_of("billing_address"),
        anonymised_at=now,
    )


def _country_of(address: str) -> Combinable:
    """The address with nothing in it but the country: the books need it, and many people live there."""
    blank = Cast(Value(""), TextField())  # PostgreSQL is to know what a value apart from the statement is
    country = Coalesce(KeyTextTransform("country", address), blank)
    return JSONObject(**{name: blank for name in FIELDS if name != "country"}, country=country)
