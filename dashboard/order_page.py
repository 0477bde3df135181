"""An order's page with all that can be done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action

from common.admin import money_column
from common.shows_sums import ListSum, ShowsSums, summed
from common.templatetags.shop import money
from dashboard import acts, bulk_acts, story
from dashboard.act_forms import AddressForm, BillingAddressForm, CancelForm, RefundForm, ShipForm
from dashboard.list_page import ListPage
from dashboard.mails_page import ShowsMails
from dashboard.pressing import Presses, asks, may
from dashboard.shows_timeline import ShowsTimeline
from orders.admin import SendingFilter
from orders.models import Order
from orders.states import OrderStatus, Sending
from payments.admin import OrderWithPaymentsAdmin
from payments.models import Refund
from payments.net import net_by_currency
from payments.states import RefundStatus

_OF_ONE_CODE = "discount_code__exact"  # where a figure of the code's page leads
_NO_CHANGE = "That was done already: nothing has changed."


class OrderPage(ShowsMails, ShowsTimeline, Presses, ListPage, ShowsSums, OrderWithPaymentsAdmin):
    sums_title = "What was paid for them and stays"
    taken_off = money_column("discount_amount", "Taken off")
    ready_filters = (("To be sent", f"sending={Sending.TO_BE_SENT}"),)
    actions = ("send_selected", *OrderWithPaymentsAdmin.actions, "link_selected")
    actions_detail = (
        *("ship", "refund", "cancel", "edit_shipping_address", "edit_billing_address", "resend_confirmation"),
        *OrderWithPaymentsAdmin.actions_detail,
    )

    has_refund_order_permission = may("orders.refund_order")
    has_cancel_order_permission = may("orders.cancel_order")
    has_fulfil_order_permission = may("orders.fulfil_order")
    has_edit_address_permission = may("orders.edit_address")
    has_resend_confirmation_permission = may("orders.resend_confirmation")

    def has_sums(self, narrowed: Mapping[str, Sequence[str]]) -> bool:
        """Not of what is to be sent: no figure leads there, and adding up all that waits would be most of the page."""
        return super().has_sums(narrowed) and SendingFilter.parameter_name not in narrowed

    def sums_of(self, rows: QuerySet[Order]) -> list[tuple[str, int]]:
        return sorted(net_by_currency(rows).items())

    def all_sums(self, rows: QuerySet[Order], narrowed: Mapping[str, Sequence[str]]) -> list[ListSum]:
        sums = super().all_sums(rows, narrowed)
        return [*sums, ("Taken off", summed(rows, "discount_amount"))] if _OF_ONE_CODE in narrowed else sums

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Of what a code brought: what it took off, in the place that a small desk has for how far the goods are."""
        columns = list(super().get_list_display(request))
        if _OF_ONE_CODE in request.GET:
            columns.remove("sending")
            columns.insert(columns.index("paid"), "taken_off")
        return columns

    def story_of(self, row: Order) -> story.Story:
        return story.of_order(row)

    def not_now(self, order: Order) -> set[str]:
        hidden = set()
        if order.status != OrderStatus.ACCEPTED or order.is_all_paid_back:
            hidden |= {"ship"}
        if order.status != OrderStatus.ACCEPTED or not order.email:
            hidden |= {"resend_confirmation"}
        if order.captured_amount <= order.refunded_amount:
            hidden |= {"refund"}
        if order.status == OrderStatus.CANCELED or order.shipped_at:
            hidden |= {"cancel", "edit_shipping_address", "edit_billing_address"}
        if order.status != OrderStatus.PENDING:
            hidden |= {"create_payment_link"}
        return hidden

    @action(
        description="Refund",
        permissions=["refund_order"],
        url_path="refund",
        dialog=asks("Refund", "Money goes back to whoever paid, from the newest payment first.", RefundForm),
    )
    def refund(self, request: HttpRequest, form: RefundForm, object_id: str) -> HttpResponse:
        given = form.cleaned_data

        def act(order: Order) -> str:
            rows = acts.refund(
                order.pk, amount=given["amount"], reason=given["reason"], wish=form.wish, by=_who(request)
            )
            return _of_refunds(order, rows)

        return self.press(request, form, object_id, act)

    @action(
        description="Cancel",
        permissions=["cancel_order"],
        url_path="cancel",
        dialog=asks(
            "Cancel this order",
            "Its goods are on the shelf again, its discount code is free, and money that is only held is let go of. "
            "This cannot be undone.",
            CancelForm,
        ),
    )
    def cancel(self, request: HttpRequest, form: CancelForm, object_id: str) -> HttpResponse:
        given = form.cleaned_data

        def act(order: Order) -> str:
            rows, is_new = acts.cancel(
                order.pk,
                pays_back=given.get("pays_back", False),
                reason=given["reason"],
                wish=form.wish,
                by=_who(request),
            )
            return f"The order is canceled. {_of_refunds(order, rows)}".strip() if is_new else _NO_CHANGE

        return self.press(request, form, object_id, act)

    @action(
        description="Fulfil",
        permissions=["fulfil_order"],
        url_path="fulfil",
        dialog=asks(
            "Fulfil",
            "The goods are on their way. The shopper is written to once, with what stands here. Put right later, "
            "carrier and number are on the order's page, and nobody is written to again.",
            ShipForm,
        ),
    )
    def ship(self, request: HttpRequest, form: ShipForm, object_id: str) -> HttpResponse:
        given = form.cleaned_data

        def act(order: Order) -> str:
            is_new = acts.ship(
                order.pk, carrier=given["carrier"], tracking_number=given["tracking_number"], by=_who(request)
            )
            return "The order is on its way." if is_new else _NO_CHANGE

        return self.press(request, form, object_id, act)

    @action(
        description="Edit shipping address",
        permissions=["edit_address"],
        url_path="shipping-address",
        dialog=asks("Edit shipping address", "The sums stay as they were agreed.", AddressForm),
    )
    def edit_shipping_address(self, request: HttpRequest, form: AddressForm, object_id: str) -> HttpResponse:
        return self._change_address(request, form, object_id)

    @action(
        description="Edit billing address",
        permissions=["edit_address"],
        url_path="billing-address",
        dialog=asks("Edit billing address", "The sums stay as they were agreed.", BillingAddressForm),
    )
    def edit_billing_address(self, request: HttpRequest, form: BillingAddressForm, object_id: str) -> HttpResponse:
        return self._change_address(request, form, object_id)

    def _change_address(self, request: HttpRequest, form: AddressForm, object_id: str) -> HttpResponse:
        name = form.cleaned_data["full_name"]

        def act(order: Order) -> str:
            is_new = acts.change_address(
                order.pk, kind=form.kind, full_name=name, address=form.address, by=_who(request)
            )
            return f"The {form.kind} address is changed." if is_new else _NO_CHANGE

        return self.press(request, form, object_id, act)

    @action(
        description="Resend confirmation",
        permissions=["resend_confirmation"],
        url_path="resend-confirmation",
        dialog=asks("Resend confirmation", "The shopper gets the order's confirmation once more."),
    )
    def resend_confirmation(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(order: Order) -> str:
            is_new = acts.resend_confirmation(order.pk, wish=form.wish, by=_who(request))
            return f"The confirmation is on its way to {order.email}." if is_new else _NO_CHANGE

        return self.press(request, form, object_id, act)

    @admin.action(description="Mark as sent", permissions=["fulfil_order"])
    def send_selected(self, request: HttpRequest, rows: QuerySet[Order]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.SEND_ORDERS)

    @admin.action(description="Make payment links", permissions=["act"])
    def link_selected(self, request: HttpRequest, rows: QuerySet[Order]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.LINKS_OF_ORDERS)


def _who(request: HttpRequest) -> Any:
    return request.user


def _of_refunds(order: Order, rows: list[Refund]) -> str:
    """What became of them, a sentence for each kind of answer."""
    said = {
        RefundStatus.DONE: "{} went back.",
        RefundStatus.ASKED: "{} is on its way back: the gateway has not confirmed it yet.",
        RefundStatus.UNKNOWN: "The gateway never said clearly what became of {}: see Money to settle.",
        RefundStatus.REFUSED: "The gateway would not pay back {}: see the refunds of the payment.",
    }
    sums = {status: sum(row.amount for row in rows if row.status == status) for status in said}
    return " ".join(words.format(money(sums[status], order.currency)) for status, words in said.items() if sums[status])
