"""A payment's page while it is in review: what settling it would do, and the three ways to do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display

from common.admin import asked_once, money_column
from common.errors import DomainError
from common.presses import pressed_at, pressing
from common.templatetags.shop import money
from dialects.staff_sentences import told_to_staff
from payments import review
from payments.link_admin import moved_to
from payments.models import Payment, Refund
from payments.review_dialogs import asks, what_disowning_it_does, what_paying_it_back_does, what_taking_it_does
from payments.states import PaymentStatus, RefundStatus

_SETTLING = ("take_as_ours", "pay_back", "not_ours")


class SettlesReview:
    """Of the payments' admin. Shown only where there is something to settle."""

    actions_detail: tuple[str, ...] = _SETTLING
    asked_at_first = money_column("first_asked_amount", "Asked for at first")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        payment = self.get_object(request, object_id)  # type: ignore[attr-defined]
        shown: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        if payment is not None and payment.status == PaymentStatus.REVIEW:
            return shown
        settling = {f"payments_payment_{name}" for name in _SETTLING}
        return [action for action in shown if action.action_name not in settling]

    def get_fieldsets(self, request: HttpRequest, obj: Payment | None = None) -> Any:
        (title, first), *rest = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is not None and obj.first_asked_amount is not None:
            first = {**first, "fields": (*first["fields"], "asked_at_first")}
        if obj is not None and obj.status == PaymentStatus.REVIEW:
            rest = [(self._who_decides(request), {"fields": ("message", "taken_as_ours")}), *rest]
        return [(title, first), *rest]

    def _who_decides(self, request: HttpRequest) -> str:
        is_theirs = self.has_act_permission(request)  # type: ignore[attr-defined]
        return "In review: you decide" if is_theirs else "In review: somebody who may settle payments decides"

    @display(description="Taken as ours")
    @asked_once
    def taken_as_ours(self, payment: Payment) -> str:
        return what_taking_it_does(payment)

    @action(
        description="Take it as ours",
        permissions=["act"],
        url_path="take-as-ours",
        dialog=asks(
            "Take it as ours",
            "The payment is for what the gateway says from now on. What the order has no use for goes back by itself.",
            what_taking_it_does,
        ),
    )
    def take_as_ours(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self._settle(request, object_id, _take, "Taken as ours.")

    @action(
        description="Pay it back",
        permissions=["act"],
        url_path="pay-back",
        dialog=asks(
            "Pay it back",
            "All that is left of it goes back to whoever paid; the order is not paid by it.",
            what_paying_it_back_does,
        ),
    )
    def pay_back(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self._settle(request, object_id, _pay_back, "Settled: paid back.")

    @action(
        description="Not ours",
        permissions=["act"],
        url_path="not-ours",
        dialog=asks(
            "Not ours",
            "Nothing of it counts here, and this gives nothing back: what was taken is to be paid back in the "
            "gateway's own pages. An order that is not paid can be paid again.",
            what_disowning_it_does,
        ),
    )
    def not_ours(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self._settle(request, object_id, _not_ours, "Settled as not ours.")

    def _settle(
        self, request: HttpRequest, object_id: str, act: Callable[[int, str], str], written: str
    ) -> HttpResponse:
        model_admin: Any = self
        payment = model_admin.get_object(request, object_id)
        if payment is None:
            raise Http404
        try:
            with pressing():
                said = act(payment.pk, str(request.user))
                self._note(request, payment, written)
            model_admin.message_user(request, said, messages.SUCCESS)
        except review.NotPossible as no:
            model_admin.message_user(request, str(no), messages.ERROR)
        except DomainError as error:
            model_admin.message_user(request, told_to_staff(error), messages.ERROR)
        return moved_to(request, reverse("admin:payments_payment_change", args=[payment.pk]))

    def _note(self, request: HttpRequest, before: Payment, written: str) -> None:
        after = Payment.objects.get(pk=before.pk)
        sentence = f"{written} Before: {_standing(before)}. After: {_standing(after)}."
        entry = self.log_change(request, before, sentence)  # type: ignore[attr-defined]
        entry.action_time = pressed_at()
        entry.save(update_fields=["action_time"])


def _standing(payment: Payment) -> str:
    sums = (payment.amount, payment.captured_amount, payment.refunded_amount)
    amount, taken, back = (money(each, payment.currency) for each in sums)
    return f"{payment.status}, for {amount}, {taken} taken, {back} paid back"


# --- the acts, and what each has to say -----------------------------------------------------------
def _take(payment_id: int, who: str) -> str:
    payment = review.take_as_ours(payment_id, by=who)
    return f"The payment is ours; the order is {payment.order.status}. {what_goes_back(payment)}".rstrip()


def _not_ours(payment_id: int, who: str) -> str:
    review.settle_as_not_ours(payment_id, by=who)
    return "Nothing of the payment counts."


def _pay_back(payment_id: int, who: str) -> str:
    refund = review.pay_back(payment_id, by=who)
    return _of_refund(refund) if refund else "All of it went back before."


def what_goes_back(payment: Payment) -> str:
    """A sentence, '' where nothing does by itself."""
    left = payment.surplus_amount - payment.refunded_amount
    return f"{money(left, payment.currency)} goes back: the order has no use for it." if left > 0 else ""


def _of_refund(refund: Refund) -> str:
    if refund.status == RefundStatus.REFUSED:
        return f"The gateway would not pay it back: {refund.message} It is listed under Money to settle."
    amount = money(refund.amount, refund.payment.currency)
    return f"{amount} went back." if refund.status == RefundStatus.DONE else f"{amount} are on their way back."
