"""What is asked when many orders are said to be sent: who carries them, and of each its tracking number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from common.errors import DomainError
from common.templatetags.shop import country
from dashboard.act_forms import text
from dashboard.bulk import PressForm
from dialects.staff_sentences import told_to_staff
from orders import fulfilment
from orders.models import Order, OrderLine

MOST_LINES = 8  # of one order; how many more there are is said
_NOT_ASKED_ABOUT = "It can be sent only since this was asked: choose it once more"


@dataclass(frozen=True)
class Parcel:
    """An order's row. `number`: where its tracking number is typed; None where it cannot be sent, for `why_not`."""

    order: Order
    town: str
    country: str
    lines: list[Any]
    more_lines: int
    number: forms.BoundField | None
    why_not: str


class SendForm(PressForm):
    carrier = text("Carrier of all of them", 60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _let_be_typed(self.fields["carrier"])
        for order in self.chosen:
            name = number_field(order)
            if not _refusal(order) and (not self.is_bound or name in self.data):
                self.fields[name] = _asked(order)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for orders in self._orders_by_number(cleaned).values():
            self._refuse_other_shoppers(orders)
        return cleaned

    def _orders_by_number(self, cleaned: dict[str, Any]) -> dict[str, list[Order]]:
        by_number = defaultdict[str, list[Order]](list)
        for order in self.chosen:
            if number := cleaned.get(number_field(order)):
                by_number[number.casefold()].append(order)
        return by_number

    def _refuse_other_shoppers(self, orders: list[Order]) -> None:
        """`orders`: of one number. One parcel may hold several orders of a shopper, never those of two."""
        for order in orders:
            others = [str(other) for other in orders if other != order and not _are_of_one_shopper(order, other)]
            if others:
                self.add_error(number_field(order), f"Also typed for {', '.join(others)}, of another shopper.")

    @property
    def parcels(self) -> list[Parcel]:
        lines = _first_lines(self.chosen)
        return [self._parcel(order, lines[order.pk]) for order in self.chosen]

    def _parcel(self, order: Order, lines: list[Any]) -> Parcel:
        name = number_field(order)
        address = order.shipping_address
        return Parcel(
            order,
            address.get("city", ""),
            country(address["country"]) if address.get("country") else "",
            lines,
            lines[0].of_order - len(lines) if lines else 0,
            self[name] if name in self.fields else None,
            why_not(order),
        )

    @property
    def can_send(self) -> bool:
        return any(number_field(order) in self.fields for order in self.chosen)


def _are_of_one_shopper(one: Order, other: Order) -> bool:
    """As far as an e-mail address tells: of two without one nobody knows."""
    return bool(one.email) and one.email.casefold() == other.email.casefold()


def number_field(order: Order) -> str:
    return f"tracking_number_{order.pk}"


def why_not(order: Order) -> str:
    """Of an order for which no number was asked."""
    return _refusal(order) or _NOT_ASKED_ABOUT


def _refusal(order: Order) -> str:
    if order.shipped_at:
        return "Sent already."
    try:
        fulfilment.must_be_ready(order)
    except DomainError as error:
        return told_to_staff(error)
    return ""


def _asked(order: Order) -> forms.CharField:
    field = text("Tracking number", 100, required=False)
    _let_be_typed(field)
    field.widget.attrs |= {"aria-label": f"Tracking number of {order}", "autocomplete": "off", "spellcheck": "false"}
    return field


def _let_be_typed(field: forms.Field) -> None:
    """A browser that cuts what is too long does so in silence: it is refused beside the field instead."""
    field.widget.attrs.pop("maxlength", None)


def _first_lines(orders: Iterable[Order]) -> dict[int, list[Any]]:
    """{order id: its first lines, each with `of_order`, how many it has}. One query."""
    of_each = F("order_id")
    numbered = OrderLine.objects.filter(order__in=[order.pk for order in orders]).annotate(
        place=Window(RowNumber(), partition_by=of_each, order_by="id"),
        of_order=Window(Count("id"), partition_by=of_each),
    )
    found = defaultdict[int, list[Any]](list)
    for line in numbered.filter(place__lte=MOST_LINES).order_by("id"):
        found[line.order_id].append(line)
    return found
