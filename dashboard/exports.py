"""Lists as CSV: what is in which column, and the rows, newest first, a page at a time: however long a list is, one page
of it is in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model, QuerySet

from carts.models import Cart
from checkouts.models import Checkout
from common import csv_cells
from orders.models import Order
from payments.models import Payment

PAGE = 500
MOST_ROWS = 100_000
Column = tuple[str, Callable[[Any], object]]


def _plain(*names: str) -> tuple[Column, ...]:
    """Fields of the row, under their own names."""

    def column(name: str) -> Column:
        return name, lambda row: getattr(row, name)

    return tuple(map(column, names))


def _amounts(*names: str) -> tuple[Column, ...]:
    """Exact decimals; the row's currency stands in a column of its own."""

    def column(name: str) -> Column:
        return name.removesuffix("_amount"), lambda row: csv_cells.amount(getattr(row, name), row.currency)

    return tuple(map(column, names))


_CART = (
    *_plain("id", "public_id", "status", "door", "email", "full_name", "currency"),
    *_amounts("abandoned_amount"),
    *_plain("created_at", "last_activity_at", "first_abandoned_at", "bought_at"),
)
_CHECKOUT = (
    *_plain("id", "status", "cart_id", "order_id"),
    ("email", lambda row: row.cart.email),
    ("full_name", lambda row: row.cart.full_name),
    ("currency", lambda row: row.cart.currency),
    ("shown_total", lambda row: csv_cells.amount(row.shown_total_amount, row.cart.currency)),
    *_plain("created_at", "updated_at", "expires_at", "completed_at"),
)
_ORDER = (
    *_plain("id", "number", "status", "cart_id", "email", "full_name", "reference", "discount_code", "currency"),
    *_amounts("items_amount", "discount_amount", "shipping_amount", "tax_amount", "total_amount"),
    *_amounts("captured_amount", "refunded_amount"),
    *_plain("created_at", "accepted_at", "shipped_at", "carrier", "tracking_number", "canceled_at"),
)
_PAYMENT = (
    *_plain("id", "order_id"),
    ("order_number", lambda row: row.order.number),
    *_plain("status", "provider", "gateway", "gateway_reference", "currency"),
    *_amounts("amount", "captured_amount", "refunded_amount", "surplus_amount"),
    *_plain("decline_code", "created_at", "updated_at"),
)
_COLUMNS: dict[type[Model], tuple[Column, ...]] = {
    Cart: _CART,
    Checkout: _CHECKOUT,
    Order: _ORDER,
    Payment: _PAYMENT,
}
_BESIDE: dict[type[Model], tuple[str, ...]] = {Checkout: ("cart",), Payment: ("order",)}


def lines(rows: QuerySet[Any]) -> Iterator[str]:
    """The file, a line at a time, its head first. A last line says so where there are more than MOST_ROWS rows."""
    columns = _COLUMNS[rows.model]
    yield from csv_cells.lines([[title for title, _ in columns]])
    for written, row in enumerate(_rows(rows)):
        if written == MOST_ROWS:
            yield from csv_cells.lines([[f"These are the newest {MOST_ROWS} rows: narrow the list for the others."]])
            return
        yield from csv_cells.lines([[value_of(row) for _, value_of in columns]])


def _rows(rows: QuerySet[Any]) -> Iterator[Any]:
    """Each page by its own query, from the last row on: no cursor stays open while somebody's line is slow."""
    ordered = rows.select_related(*_BESIDE.get(rows.model, ())).order_by("-pk")
    last: int | None = None
    while True:
        page = list((ordered if last is None else ordered.filter(pk__lt=last))[:PAGE])
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].pk
