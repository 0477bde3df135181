"""A payment's, a checkout's and a cart's page with all that can be done to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from analytics.definitions import STEP_TITLES, STEPS
from carts.models import Cart
from checkouts.admin import CheckoutAdmin
from checkouts.cart_admin import CartWithLinksAdmin
from checkouts.models import Checkout
from checkouts.states import LIVE, CheckoutStatus
from common.shows_sums import ShowsSums, summed
from common.templatetags.shop import money
from dashboard import acts, bulk_acts, story, where_stopped
from dashboard.draft_page import DraftsOrders
from dashboard.list_page import ListPage
from dashboard.pressing import Presses, asks, may
from dashboard.refused import RefusedFilter, TellsRefusals
from dashboard.shows_timeline import ShowsTimeline
from dashboard.where_stopped import SaysWhereStopped
from payments import links
from payments.admin import PaymentAdmin
from payments.link_admin import MakesLinks, PaymentLinkAdmin
from payments.models import Payment, PaymentLink
from payments.review_admin import SettlesReview, what_goes_back
from payments.states import OPEN, LinkState, PaymentStatus
from recovery import report


class PaymentPage(ShowsTimeline, Presses, ListPage, PaymentAdmin):
    actions_detail = ("ask_gateway", "capture", "void", *SettlesReview.actions_detail)

    has_capture_payment_permission = may("payments.capture_payment")
    has_void_payment_permission = may("payments.void_payment")

    def story_of(self, row: Payment) -> story.Story:
        return story.of_payment(row)

    def not_now(self, payment: Payment) -> set[str]:
        hidden = set() if payment.status == PaymentStatus.AUTHORIZED else {"capture", "void"}
        return hidden if payment.status in OPEN else {*hidden, "ask_gateway"}

    @action(
        description="Ask the gateway now",
        permissions=["act"],
        url_path="ask-gateway",
        dialog=asks(
            "Ask the gateway now",
            "The shop asks by itself, too; this only asks now. A payment that never arrived there is asked for again "
            "while its order may be paid, under the same key: nothing is charged twice.",
        ),
    )
    def ask_gateway(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(row: Payment) -> str:
            if row.status not in OPEN:
                return f"It is {row.status} already: nothing has changed."
            return _of_answer(acts.ask_gateway(row, by=request.user))  # type: ignore[arg-type]

        return self.press(request, form, object_id, act)

    @action(
        description="Capture",
        permissions=["capture_payment"],
        url_path="capture",
        dialog=asks("Capture", "Takes all the money that is held."),
    )
    def capture(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(row: Payment) -> str:
            payment = acts.capture(row.pk, by=request.user)  # type: ignore[arg-type]
            return f"{money(payment.captured_amount, payment.currency)} is taken."

        return self.press(request, form, object_id, act)

    @action(
        description="Void",
        permissions=["void_payment"],
        url_path="void",
        dialog=asks("Void", "Lets go of the money that is held. An order that stands on it is to be canceled instead."),
    )
    def void(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(row: Payment) -> str:
            acts.void(row.pk, by=request.user)  # type: ignore[arg-type]
            return "The money is let go of."

        return self.press(request, form, object_id, act)


def _of_answer(payment: Payment) -> str:
    """What the gateway said, and what came of it."""
    taken = f"The gateway took {money(payment.captured_amount, payment.currency)}; the order is {payment.order.status}."
    said = {
        PaymentStatus.REQUIRES_ACTION: "The gateway waits for the shopper's approval. Nothing was taken.",
        PaymentStatus.AUTHORIZED: f"The gateway holds the money; the order is {payment.order.status}.",
        PaymentStatus.CAPTURED: f"{taken} {what_goes_back(payment)}".rstrip(),
        PaymentStatus.DECLINED: f"The payment came to nothing: {payment.message or 'the gateway declined it'}",
        PaymentStatus.VOIDED: "The payment came to nothing: the gateway let go of the money.",
        PaymentStatus.REVIEW: "What the gateway says does not settle it: you decide, see In review.",
    }
    not_yet = "The gateway does not know yet. The shop asks again by itself."
    return said.get(PaymentStatus(payment.status), not_yet)


class CameFilter(admin.SimpleListFilter):
    """The rows behind the funnel: the same conditions that are counted."""

    title = "how far it came"
    parameter_name = "came"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return list(STEP_TITLES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(STEPS.get(self.value() or "", Q()))


class CheckoutPage(SaysWhereStopped, ShowsTimeline, Presses, MakesLinks, ListPage, CheckoutAdmin):
    list_filter = (*CheckoutAdmin.list_filter, CameFilter)
    actions = ("expire_selected", "reopen_selected", "link_selected")
    actions_detail = ("create_payment_link", *CheckoutAdmin.actions_detail)

    has_change_cart_permission = may("carts.change_cart")

    def story_of(self, row: Checkout) -> story.Story:
        return story.of_checkout(row)

    def stop_of(self, row: Checkout) -> str:
        return where_stopped.sentence(row.cart, Checkout.objects.filter(pk=row.pk))

    def cart_of(self, row: Checkout) -> Cart:
        return row.cart

    def not_now(self, checkout: Checkout) -> set[str]:
        hidden = set() if checkout.status in LIVE else {"expire"}
        if checkout.status in {CheckoutStatus.COMPLETED, CheckoutStatus.PAYING}:
            hidden |= {"create_payment_link", "expire", "reopen"}
        return hidden

    @action(
        description="Create payment link",
        permissions=["change_cart"],
        url_path="payment-link",
        dialog=asks(
            "Create payment link",
            "For a checkout taken by phone that lacks nothing but the money: an address under which it can be paid "
            "once, at the prices of now.",
        ),
    )
    def create_payment_link(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self.make_link(request, object_id, acts.link_checkout)

    @admin.action(description="Expire", permissions=["act"])
    def expire_selected(self, request: HttpRequest, rows: QuerySet[Checkout]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.EXPIRE_CHECKOUTS)

    @admin.action(description="Reopen", permissions=["act"])
    def reopen_selected(self, request: HttpRequest, rows: QuerySet[Checkout]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.REOPEN_CHECKOUTS)

    @admin.action(description="Make payment links", permissions=["change_cart"])
    def link_selected(self, request: HttpRequest, rows: QuerySet[Checkout]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.LINKS_OF_CHECKOUTS)


class NoSequenceFilter(admin.SimpleListFilter):
    """The rows behind the line above the recovery mails: the same conditions that are counted."""

    title = "in no sequence"
    parameter_name = "no_sequence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("1", f"Of the {report.LOOKED_AT:,} abandoned last, those in none")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cart]) -> QuerySet[Cart]:  # noqa: ARG002
        return report.newest_in_no_sequence(queryset) if self.value() == "1" else queryset


class CartPage(TellsRefusals, SaysWhereStopped, ShowsTimeline, DraftsOrders, ListPage, ShowsSums, CartWithLinksAdmin):
    list_display = (*CartWithLinksAdmin.list_display[:-1], "abandoned_value", "created_at")
    list_filter = (*CartWithLinksAdmin.list_filter, NoSequenceFilter, RefusedFilter)
    sums_title = "What they were worth when first abandoned"
    actions = ("mail_selected", "link_selected", "expire_selected")

    has_send_mail_now_permission = may("recovery.send_mail_now")

    def sums_of(self, rows: QuerySet[Cart]) -> list[tuple[str, int]]:
        return summed(rows, "abandoned_amount")

    def story_of(self, row: Cart) -> story.Story:
        return story.of_cart(row)

    def stop_of(self, row: Cart) -> str:
        return where_stopped.sentence(row, Checkout.objects.filter(cart=row))

    def cart_of(self, row: Cart) -> Cart:
        return row

    @admin.action(description="Send recovery mail now", permissions=["send_mail_now"])
    def mail_selected(self, request: HttpRequest, rows: QuerySet[Cart]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.MAIL_CARTS)

    @admin.action(description="Make payment links", permissions=["act"])
    def link_selected(self, request: HttpRequest, rows: QuerySet[Cart]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.LINKS_OF_CARTS)

    @admin.action(description="Expire", permissions=["act"])
    def expire_selected(self, request: HttpRequest, rows: QuerySet[Cart]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.EXPIRE_CARTS)


class LinkPage(Presses, PaymentLinkAdmin):
    actions_detail = ("send_by_mail", *PaymentLinkAdmin.actions_detail)

    def not_now(self, link: PaymentLink) -> set[str]:
        is_open = links.state_of(link, now=timezone.now()) == LinkState.OPEN
        return set() if is_open else {"send_by_mail", "end"}

    @action(
        description="Send by mail",
        permissions=["act"],
        url_path="send-by-mail",
        dialog=asks("Send by mail", "Goes to the address of the cart or order that the link is for."),
    )
    def send_by_mail(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(row: PaymentLink) -> str:
            email, is_new = acts.mail_link(row.pk, wish=form.wish, by=request.user)  # type: ignore[arg-type]
            return f"The link is on its way to {email}." if is_new else "That was done already: nothing has changed."

        return self.press(request, form, object_id, act)
