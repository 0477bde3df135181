"""The checkout: one page, one form, and one order however often its button is pressed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from checkouts import completion, services
from checkouts.pages import changes, consent
from checkouts.pages.card_form import allow_script
from checkouts.pages.checkout_form import PLACE, CheckoutForm
from checkouts.pages.forms import is_simulated
from checkouts.pages.language import speaks_as_chosen
from checkouts.pages.leave import leave_for
from checkouts.pages.not_you import FORGET, forget
from checkouts.pages.ran_out import TYPED_IS_KEPT, carried_on
from checkouts.pages.refusals import LATER, WENT_ON, shopper_page, where_it_went
from checkouts.pages.sentences import words
from checkouts.pages.shop import page_or_parts, personal_page, remember
from checkouts.queries import CheckoutView
from checkouts.remembered import NOBODY, REMEMBER_SECONDS, Person, person_of
from checkouts.states import CheckoutStatus
from common.client import address_of
from common.errors import DomainError, ErrorCode
from dialects.base import retry_after
from dialects.guest import GUEST, session_from
from orders.links import token_of
from payments.gateways.stripe_browser import card_form
from payments.models import Payment
from payments.states import REFUSED

LOOK_AGAIN_SECONDS = 3


@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
@speaks_as_chosen
def checkout(request: HttpRequest) -> HttpResponse:
    session_key = session_from(request)
    posted_id = _posted_checkout(request)
    if request.POST.get("action") == FORGET:
        return forget(request, "checkout")
    view = services.find(session_key)
    if view is None and request.method == "POST" and (late := carried_on(request, posted_id)):
        return _save_late(request, late, session_key)
    if view is None or (posted_id and posted_id != view.checkout.pk):
        # This page was open while its checkout was finished or ran out: that one's order is what it leads to.
        return where_it_went(request, posted_id)
    if view.checkout.status == CheckoutStatus.PAYING:
        return _being_paid(request, view)
    if request.method == "POST":
        return _save(request, view, session_key)
    if not view.lines:
        return redirect("cart")
    changes.tell(request, view)
    return _show(request, CheckoutForm(view, remembered=_remembered(view, session_key)))


def _remembered(view: CheckoutView, session_key: UUID | None) -> Person:
    """Asked for only where nobody's contact is there yet."""
    return NOBODY if Person.of(view.checkout).is_somebody else person_of(session_key)


def _posted_checkout(request: HttpRequest) -> int | None:
    text = request.POST.get("checkout", "")[:18]
    return int(text) if text.isascii() and text.isdigit() else None


def _being_paid(request: HttpRequest, view: CheckoutView) -> HttpResponse:
    response = personal_page(request, "checkouts/being_paid.html", {}, view=view)
    response["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


def _save(request: HttpRequest, view: CheckoutView, session_key: UUID | None) -> HttpResponse:
    form = CheckoutForm(view, request.POST)
    if form.action != PLACE or form.has_errors:  # placing says so itself, with the total
        changes.tell_moved(request, view)
    try:
        view = form.save(session_key)
        consent.note(request, cart_id=view.checkout.cart_id, email=view.checkout.cart.email)
        if form.action == PLACE and not form.has_errors:
            return remember(_place(request, form, session_key), view)
    except DomainError as error:
        if error.code not in LATER:
            raise
        return _show_later(request, form, error)
    changes.tell_shipping(request, form.shipping_moved_amount, view)
    if form.loses_nothing:
        return remember(redirect("checkout" if view.lines else "cart"), view)
    return remember(_show(request, form, status=422 if form.has_errors else 200), view)


def _save_late(request: HttpRequest, view: CheckoutView, session_key: UUID | None) -> HttpResponse:
    """Whatever was pressed: what was typed is kept, and the shopper sees the prices of now before they order."""
    form = CheckoutForm(view, {**request.POST.dict(), "action": "update"})
    view = form.save(session_key)
    messages.warning(request, TYPED_IS_KEPT)
    if form.loses_nothing:
        return remember(redirect("checkout" if view.lines else "cart"), view)
    return remember(_show(request, form, status=422 if form.has_errors else 200), view)


def _place(request: HttpRequest, form: CheckoutForm, session_key: UUID | None) -> HttpResponse:
    choice = replace(form.choice, client_address=address_of(request))
    try:
        done = completion.complete(session_key, choice=choice, expected_total_amount=form.expected_total_amount)
    except DomainError as error:
        if error.code in LATER or error.code in WENT_ON:
            raise
        if error.code is not ErrorCode.PAYMENT_DECLINED:  # the page shows the last decline by itself
            messages.error(request, words(error))
        return redirect("checkout")
    return leave_for(done.payment) if done.payment else redirect("order", token_of(done.order))


def _show_later(request: HttpRequest, form: CheckoutForm, error: DomainError) -> HttpResponse:
    """With everything that was typed, so that trying again is one press."""
    messages.warning(request, words(error))
    response = _show(request, form, status=GUEST.error_status[error.code])
    response["Retry-After"] = str(retry_after(error))
    return response


def _show(request: HttpRequest, form: CheckoutForm, *, status: int = 200) -> HttpResponse:
    script = card_form(form.view.currency)
    context = {
        "view": form.view,
        "form": form,
        "basket": form.basket,
        "shown_total_amount": form.shown_total_amount,
        "decline": _last_decline(form.view) if request.method != "POST" else None,
        "is_simulated": is_simulated(),
        "card_form": script,
        "reminder_text": consent.text() if consent.is_asked() else "",
        "remember_seconds": REMEMBER_SECONDS,
        "may_remind": request.POST.get(consent.FIELD, ""),
    }
    page = page_or_parts(request, "checkout", context, view=form.view, status=status)
    return allow_script(page, script)


def _last_decline(view: CheckoutView) -> Payment | None:
    """The last try's payment where it came to a clear no; shown however the shopper got back here."""
    if view.checkout.order_id is None:
        return None
    payment = Payment.objects.filter(order_id=view.checkout.order_id).first()
    return payment if payment is not None and payment.status in REFUSED else None
