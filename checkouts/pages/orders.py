"""The order's own page, behind a link that cannot be guessed: what was agreed, how its payment stands, the next try."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from checkouts.pages.card_form import allow_script
from checkouts.pages.forms import PaymentForm, is_simulated, provider_label
from checkouts.pages.leave import back_to_caller, leave_for
from checkouts.pages.not_you import FORGET, forget
from checkouts.pages.refusals import shopper_page
from checkouts.pages.sentences import words
from checkouts.pages.shop import keep_private, order_or_404, personal_page
from checkouts.pages.standing import AgreedLine, Standing, standing_of
from checkouts.remembered import REMEMBER_SECONDS, is_buyer
from common.client import address_of
from common.errors import DomainError, ErrorCode
from dialects.base import retry_after
from dialects.guest import GUEST, session_from
from orders.models import Order
from payments import expiry, reconcile
from payments import services as payments
from payments.gateways.stripe_browser import card_form
from payments.models import Payment
from payments.states import OPEN, PaymentStatus

CANCELED = "canceled"
OTHER_WAY = "other_way"
NOT_STOPPED = _("This payment could not be stopped just now. Approve it, or try again in a moment.")


@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def order(request: HttpRequest, token: str) -> HttpResponse:
    standing = standing_of(order_or_404(token))
    if request.POST.get("action") == FORGET:
        return forget(request, "order", token)
    if request.method == "POST":
        return _pay(request, token, standing)
    return _show(request, token, standing, PaymentForm(initial={"provider": "stripe", "mobile": standing.order.phone}))


def _show(
    request: HttpRequest, token: str, standing: Standing, form: PaymentForm, *, status: int = 200
) -> HttpResponse:
    order = standing.order
    prefetch_related_objects([order], "lines")
    script = card_form(order.currency, order.due_amount) if standing.can_pay else None
    problems = [(form[name].auto_id, str(error)) for name, errors in form.errors.items() for error in errors]
    context = {
        "order": order,
        "standing": standing,
        "payment": standing.payment,
        "payment_form": form,
        "problems": problems,
        "is_simulated": is_simulated(),
        "card_form": script,
        "token": token,
        "is_remembered": is_buyer(session_from(request), order.pk),
        "remember_seconds": REMEMBER_SECONDS,
        "lines": [AgreedLine(line) for line in order.lines.all()],
        "provider_label": provider_label(standing.payment.provider) if standing.payment else "",
    }
    return allow_script(personal_page(request, "checkouts/order.html", context, status=status), script)


def _pay(request: HttpRequest, token: str, standing: Standing) -> HttpResponse:
    """The next try. Pressed twice, or where nothing is owed any more, it leads to how things stand."""
    if request.POST.get("action") == OTHER_WAY:
        return _free_for_another_way(request, token, standing)
    if not standing.can_pay:
        return redirect("order", token)
    form = PaymentForm(request.POST)
    if not form.is_valid():
        return _show(request, token, standing, form, status=422)
    try:
        payment = payments.pay_order(
            standing.order.pk,
            provider=form.cleaned_data["provider"],
            instrument=form.instrument,
            client_address=address_of(request),
        )
    except DomainError as error:
        if error.code is ErrorCode.BUSY:
            raise
        if error.code is ErrorCode.TOO_MANY_DECLINES:
            return _show_later(request, token, standing, form, error)
        if error.code is not ErrorCode.PAYMENT_IN_PROGRESS:
            messages.error(request, words(error))
        return redirect("order", token)
    return leave_for(payment)


def _show_later(
    request: HttpRequest, token: str, standing: Standing, form: PaymentForm, error: DomainError
) -> HttpResponse:
    messages.warning(request, words(error))
    response = _show(request, token, standing, form, status=GUEST.error_status[error.code])
    response["Retry-After"] = str(retry_after(error))
    return response


def _free_for_another_way(request: HttpRequest, token: str, standing: Standing) -> HttpResponse:
    """The shopper would rather not approve what waits: it is voided, and what was approved meanwhile is taken."""
    payment = standing.payment
    if payment is not None and standing.can_change_way:
        expiry.give_up(payment)
        payment.refresh_from_db()
        if payment.status in OPEN:
            messages.warning(request, NOT_STOPPED)
    return redirect("order", token)


@require_safe
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """The gateway sends the shopper here. Asks it what became of the payment; not knowing yet is fine.

    With `?canceled` they did not approve it, and the order is free for the next try: not every gateway tells us a no.
    `?payment` says which one it was: there may be a newer one by now, begun in another tab.
    """
    payment = _payment_of(order_or_404(token), request.GET.get("payment", ""))
    if payment is not None:
        with suppress(DomainError):  # busy: the reconciler asks later, and the order's page says so meanwhile
            if CANCELED in request.GET and payment.status == PaymentStatus.REQUIRES_ACTION:
                expiry.give_up(payment)
            else:
                reconcile.look_up(payment.pk)
    if payment is not None and payment.redirect_url:
        return keep_private(back_to_caller(request, payment))
    return keep_private(redirect("order", token))


def _payment_of(order: Order, public_id: str) -> Payment | None:
    """The one that is meant, else the order's newest."""
    with suppress(ValueError):
        meant = order.payments.filter(public_id=UUID(public_id)).first()
        if meant is not None:
            return meant
    return order.payments.first()
