"""The page between the shop and another site: where a payment is approved, or where an API caller wants the shopper.

A browser holds every redirect that follows a form to our policy's `form-action`, which is this shop alone. So a form
leads to a page of our own, and this page leads on by itself: by a header, with a link beside it, without a script.
It goes to addresses that a gateway or a checked caller gave for this one payment, and to no other.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from checkouts.pages.refusals import shopper_page
from checkouts.pages.shop import local, order_or_404, personal_page
from orders.links import token_of
from payments import services as payments
from payments.gateways import registry
from payments.models import Payment
from payments.states import PaymentStatus

_PLACES = {"paypal": "PayPal", "mobilepay": "MobilePay"}


def leave_for(payment: Payment) -> HttpResponse:
    """The answer to a form whose payment may need the shopper's approval: to where it is approved, by our own page
    where that is another site. A payment that waits for nobody leads to its order's page."""
    path = local(payment.action_url) if waits(payment) else ""
    if path.startswith("/"):
        return redirect(path)
    return redirect("order_approve" if path else "order", token_of(payment.order))


def waits(payment: Payment) -> bool:
    return payment.status == PaymentStatus.REQUIRES_ACTION and bool(payment.action_url)


@require_safe
@shopper_page
def approve(request: HttpRequest, token: str) -> HttpResponse:
    """To where the order's payment is approved; to the order's page when nothing waits any more."""
    payment = order_or_404(token).payments.select_related("order").first()
    if payment is None or not waits(payment):
        return redirect("order", token)
    url = local(payment.action_url)
    if url.startswith("/"):
        return redirect(url)
    return _leave(request, token, url, {"payment": payment, "place": _place(payment), "host": ""})


def back_to_caller(request: HttpRequest, payment: Payment) -> HttpResponse:
    """To the address an API caller gave for after the payment (common.redirects has allowed it).

    The shopper of the `test` gateway comes from a form of ours; another gateway's page has its own policy.
    """
    url = local(payment.redirect_url)
    if url.startswith("/") or payment.gateway != registry.TEST:
        return redirect(url)
    return _leave(request, token_of(payment.order), url, {"host": urlsplit(url).netloc})


def _leave(request: HttpRequest, token: str, url: str, context: dict[str, object]) -> HttpResponse:
    if urlsplit(url).scheme not in {"https", "http"}:
        return redirect("order", token)
    response = personal_page(request, "checkouts/leave.html", {"url": url, "token": token, **context})
    response["Refresh"] = f"0; url={iri_to_uri(url)}"
    return response


def _place(payment: Payment) -> str:
    is_card = payment.provider not in _PLACES
    at_stripe = is_card and payment.instrument == payments.HOSTED
    return "Stripe" if at_stripe else _PLACES.get(payment.provider) or gettext("your bank")
