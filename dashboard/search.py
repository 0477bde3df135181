"""One search box for carts, checkouts, orders and payments: what was typed decides which one column is looked up.

Each list knows its own column for each kind of term; a term of another record's (an order's number, typed above the
carts) is followed through the records between, newest first and no further than FOLLOWED. So a search is one query
that reads an index, however long the tables are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from carts.models import Cart
from checkouts.models import Checkout
from common.admin import BoundedListMixin, begins_with
from orders.models import Order
from payments.models import Payment

FOLLOWED = 1000
HELP = "E-mail (its beginning), order number, gateway reference, UUID, id; or cart 7, order 7, checkout 7, payment 7"
_LONGEST = 200
_MAX_ID = 2**63 - 1
_NAMED = re.compile(r"(cart|checkout|order|payment)[ :#]*(\d{1,20})", re.ASCII | re.IGNORECASE)
_PLAIN_ID = re.compile(r"#?(\d{1,50})", re.ASCII)
_ORDER_NUMBER = re.compile(r"ORD-\d{4}-\d+", re.ASCII | re.IGNORECASE)
# Stripe's, the test gateway's and the balances' have a prefix; PayPal's are capitals and digits.
_REFERENCE = re.compile(r"(pi|ch|py|cs|re|test|balance)[_:-]\S+|(?=\S*\d)[A-Z0-9][A-Z0-9_-]{5,}", re.ASCII)


class Kind(StrEnum):
    EMAIL = "e-mail"
    NUMBER = "order number"
    REFERENCE = "gateway reference"
    KEY = "UUID"
    ID = "id"
    CART = "cart"
    CHECKOUT = "checkout"
    ORDER = "order"
    PAYMENT = "payment"


@dataclass(frozen=True)
class Term:
    kind: Kind
    value: Any  # int of ids, UUID of keys, else str


def read(typed: str) -> Term | None:
    """None where nothing was typed. Every text is some kind of term: what is none of the others begins an e-mail."""
    text = typed.replace("\0", "").strip()[:_LONGEST]
    if not text:
        return None
    if named := _NAMED.fullmatch(text):
        return Term(Kind(named[1].lower()), _id(named[2]))
    if plain := _PLAIN_ID.fullmatch(text):
        return Term(Kind.ID, _id(plain[1]))
    if _ORDER_NUMBER.fullmatch(text):
        return Term(Kind.NUMBER, text.upper())
    key = _key(text)
    if key is not None:
        return Term(Kind.KEY, key)
    return Term(Kind.REFERENCE if _REFERENCE.fullmatch(text) else Kind.EMAIL, text)


def _id(digits: str) -> int:
    return min(int(digits), _MAX_ID)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- where each list looks ------------------------------------------------------------------------
def _orders_of(reference: str) -> Q:
    """Paid under it, or called so by whoever placed it. One set of ids: for an OR of two every order would be asked."""
    paid = Payment.objects.filter(gateway_reference=reference).order_by().values("order_id")
    called = Order.objects.filter(reference=reference).exclude(reference="").order_by().values("pk")
    return Q(pk__in=paid.union(called))


def _newest(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    return rows.order_by("-pk").values(column)[:FOLLOWED]


def _orders(condition: Q, column: str = "pk") -> QuerySet[Any]:
    return _newest(Order.objects.filter(condition), column)


def _of_email(model: type[Model], text: str) -> QuerySet[Any]:
    return _newest(model._default_manager.filter(begins_with("email", text)), "pk")


Look = Callable[[Any], Q]
_IN_CARTS: dict[Kind, Look] = {
    Kind.EMAIL: lambda text: begins_with("email", text),
    Kind.NUMBER: lambda text: Q(pk__in=_orders(Q(number=text), "cart_id")),
    Kind.REFERENCE: lambda text: Q(pk__in=_orders(_orders_of(text), "cart_id")),
    Kind.KEY: lambda key: Q(public_id=key),
    Kind.ID: lambda pk: Q(pk=pk),
    Kind.CART: lambda pk: Q(pk=pk),
    Kind.CHECKOUT: lambda pk: Q(pk__in=Checkout.objects.filter(pk=pk).values("cart_id")),
    Kind.ORDER: lambda pk: Q(pk__in=_orders(Q(pk=pk), "cart_id")),
    Kind.PAYMENT: lambda pk: Q(pk__in=_orders(Q(payments=pk), "cart_id")),
}
_IN_CHECKOUTS: dict[Kind, Look] = {
    Kind.EMAIL: lambda text: Q(cart_id__in=_of_email(Cart, text)),
    Kind.NUMBER: lambda text: Q(order_id__in=_orders(Q(number=text))),
    Kind.REFERENCE: lambda text: Q(order_id__in=_orders(_orders_of(text))),
    Kind.KEY: lambda key: Q(session_key=key),
    Kind.ID: lambda pk: Q(pk=pk),
    Kind.CART: lambda pk: Q(cart_id=pk),
    Kind.CHECKOUT: lambda pk: Q(pk=pk),
    Kind.ORDER: lambda pk: Q(order_id=pk),
    Kind.PAYMENT: lambda pk: Q(order_id__in=_orders(Q(payments=pk))),
}
_IN_ORDERS: dict[Kind, Look] = {
    Kind.EMAIL: lambda text: begins_with("email", text),
    Kind.NUMBER: lambda text: Q(number=text),
    Kind.REFERENCE: _orders_of,
    Kind.KEY: lambda key: Q(public_id=key),
    Kind.ID: lambda pk: Q(pk=pk),
    Kind.CART: lambda pk: Q(cart_id=pk),
    Kind.CHECKOUT: lambda pk: Q(pk__in=Checkout.objects.filter(pk=pk).values("order_id")),
    Kind.ORDER: lambda pk: Q(pk=pk),
    Kind.PAYMENT: lambda pk: Q(pk__in=Payment.objects.filter(pk=pk).values("order_id")),
}
_IN_PAYMENTS: dict[Kind, Look] = {
    Kind.EMAIL: lambda text: Q(order_id__in=_of_email(Order, text)),
    Kind.NUMBER: lambda text: Q(order_id__in=_orders(Q(number=text))),
    Kind.REFERENCE: lambda text: Q(gateway_reference=text),
    Kind.KEY: lambda key: Q(public_id=key),
    Kind.ID: lambda pk: Q(pk=pk),
    Kind.CART: lambda pk: Q(order_id__in=_orders(Q(cart_id=pk))),
    Kind.CHECKOUT: lambda pk: Q(order_id__in=Checkout.objects.filter(pk=pk).values("order_id")),
    Kind.ORDER: lambda pk: Q(order_id=pk),
    Kind.PAYMENT: lambda pk: Q(pk=pk),
}
LISTS: dict[type[Model], dict[Kind, Look]] = {
    Cart: _IN_CARTS,
    Checkout: _IN_CHECKOUTS,
    Order: _IN_ORDERS,
    Payment: _IN_PAYMENTS,
}


def condition(model: type[Model], typed: str) -> Q:
    """Of one of the LISTS. An empty Q where nothing was typed."""
    term = read(typed)
    return LISTS[model][term.kind](term.value) if term else Q()


class FoundByAnything(BoundedListMixin):
    """Of the admin of one of the LISTS."""

    search_help_text = HELP

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Not used to search: they make the search box appear."""
        return ("id",)

    def condition(self, term: str) -> Q:
        model_admin: Any = self
        return condition(model_admin.model, term)
