"""Orders that several payments pay, and money that nobody vouched for, as the merchant sees them and acts on them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from unfold.decorators import display

from common.admin import asked_once, link_to
from common.errors import DomainError
from common.templatetags.shop import money
from dialects.staff_sentences import told_to_staff
from orders import parts
from orders.models import Order
from orders.states import OrderStatus
from payments import captures
from payments.gateways.registry import UNVERIFIED
from payments.models import Payment

MOST_AT_ONCE = 100


class GoodsFilter(admin.SimpleListFilter):
    """Should find nothing: paid in full, and sold out by then."""

    title = "goods"
    parameter_name = "goods"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("missing", "paid, and missing")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(parts.GOODS_MISSING) if self.value() == "missing" else queryset


class ShowsParts:
    """Of the orders' admin."""

    @display(description="Of it unverified")
    @asked_once
    def unverified(self, order: Order) -> str:
        reported = order.payments.filter(gateway=UNVERIFIED)
        return money(reported.aggregate(sum=Sum("captured_amount"))["sum"] or 0, order.currency)

    @display(description="Replaced by")
    def replaced_by(self, order: Order) -> Any:
        if not order.takes_parts or order.cart_id is None or order.status != OrderStatus.CANCELED:
            return "-"
        return link_to(parts.of_cart(order.cart_id).filter(pk__gt=order.pk).last())

    @admin.action(description="Take the goods that were missing", permissions=["act"])
    def take_goods(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        for order in orders.filter(parts.GOODS_MISSING).order_by("pk")[:MOST_AT_ONCE]:
            self._take(request, order)

    def _take(self, request: HttpRequest, order: Order) -> None:
        model_admin: Any = self
        try:
            is_done = parts.fulfil(order.pk)
        except DomainError as error:
            model_admin.message_user(request, f"{order}: {told_to_staff(error)}", messages.ERROR)
            return
        if is_done:
            model_admin.log_change(request, order, "Took its goods.")
            model_admin.message_user(request, f"{order} has its goods.", messages.SUCCESS)
        else:
            model_admin.message_user(request, f"{order}: there is still not enough of everything.", messages.WARNING)


class PaysBackByHand:
    """Of the payments' admin."""

    @admin.action(description="Was paid back by hand (unverified ones)", permissions=["act"])
    def paid_back_by_hand(self, request: HttpRequest, payments: QuerySet[Payment]) -> None:
        model_admin: Any = self
        for payment in payments.order_by("pk")[:MOST_AT_ONCE]:
            amount = captures.note_paid_back_by_hand(payment.pk, by=str(request.user))
            if amount:
                model_admin.log_change(request, payment, "Noted as paid back by hand.")
                said = f"Payment {payment.pk}: {money(amount, payment.currency)} noted as paid back."
                model_admin.message_user(request, said, messages.SUCCESS)
            else:
                said = f"Payment {payment.pk} has nothing to be paid back by hand."
                model_admin.message_user(request, said, messages.WARNING)
