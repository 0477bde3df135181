"""The page behind a payment link: what is owed and until when, and a button that leads to the gateway's own page.

It is for whoever has the address, on whatever device: no session, no name, no postal address. Looking changes nothing.
"""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from catalog.pictures import picture_url
from checkouts.linked_carts import draft_of
from checkouts.pages.forms import is_simulated, provider_choices
from checkouts.pages.leave import leave_for
from checkouts.pages.refusals import shopper_page
from checkouts.pages.sentences import words
from checkouts.pages.shop import personal_page
from common.client import address_of
from common.errors import DomainError, ErrorCode
from dialects.base import BUSY_RETRY_SECONDS
from dialects.guest import GUEST
from orders.links import token_of
from orders.models import Order
from payments import link_payments
from payments.gateways import registry
from payments.link_payments import LinkView
from payments.models import Payment, PaymentLink
from payments.owed import OwedLine
from payments.states import REFUSED, LinkState, PaymentStatus

_GONE = (LinkState.ENDED, LinkState.EXPIRED, LinkState.CLOSED, LinkState.CHANGED)
# The link is not what it was when the page was shown: the page says how it stands now.
_WENT_ON = (ErrorCode.LINK_DEAD, ErrorCode.CART_CLOSED, ErrorCode.CHECKOUT_COMPLETED, ErrorCode.ORDER_NOT_PAYABLE)
THE_PAYMENT_WAS_DECLINED = gettext_noop("The payment was declined.")
_LATER = (ErrorCode.BUSY, ErrorCode.TOO_MANY_DECLINES)


class HostedForm(forms.Form):
    """Where the shopper pays: on the page of one of the gateways on offer."""

    provider = forms.ChoiceField(
        error_messages={"required": _("Choose how you pay."), "invalid_choice": _("Choose one of these.")}
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["provider"].choices = hosted_choices()  # type: ignore[attr-defined]


def hosted_choices() -> list[tuple[str, str]]:
    """Stripe's page offers MobilePay by itself where it can be had: one choice for both."""
    return [(name, label) for name, label in provider_choices() if not _is_on_stripes_page(name)]


def _is_on_stripes_page(provider: str) -> bool:
    return provider == "mobilepay" and registry.gateway_name_for(provider) == "stripe"


@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def pay(request: HttpRequest, token: str) -> HttpResponse:
    view = link_payments.look(token, draft_of=draft_of)
    if view is None:
        return personal_page(request, "checkouts/pay_state.html", {"state": "unknown"}, status=HTTPStatus.NOT_FOUND)
    if request.method == "POST" and view.state == LinkState.OPEN:
        return _begin(request, token, view)
    if request.method == "POST":
        return _second_click(token, view)
    return _show(request, token, view, HostedForm())


# --- showing --------------------------------------------------------------------------------------
def _show(
    request: HttpRequest, token: str, view: LinkView, form: HostedForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    if view.state != LinkState.OPEN:
        return _show_state(request, view)
    asked = view.owed
    assert asked is not None, "open"  # noqa: S101
    context = {
        "token": token,
        "link": view.link,
        "owed": asked,
        "lines": [(line, _picture(line)) for line in asked.lines],
        "form": form,
        "problems": [(form["provider"].auto_id, str(error)) for error in form.errors.get("provider", ())],
        "is_simulated": is_simulated(),
        "decline": _decline(view.last_payment),
    }
    return personal_page(request, "checkouts/pay.html", context, status=status)


def _picture(line: OwedLine) -> str:
    """'' for another store's thing, of which we know a name only."""
    return picture_url(slugify(line.name) or "product", line.detail) if line.variant_id else ""


def _decline(payment: Payment | None) -> str:
    """What became of the last try where it came to a clear no."""
    is_no = payment is not None and payment.status == PaymentStatus.DECLINED
    return payment.message or THE_PAYMENT_WAS_DECLINED if is_no and payment else ""


def _show_state(request: HttpRequest, view: LinkView) -> HttpResponse:
    context = {"state": view.state.value, "order_token": token_of(view.order) if view.order else ""}
    status = HTTPStatus.GONE if view.state in _GONE else HTTPStatus.OK
    return personal_page(request, "checkouts/pay_state.html", context, status=status)


# --- paying ---------------------------------------------------------------------------------------
def _begin(request: HttpRequest, token: str, view: LinkView) -> HttpResponse:
    form = HostedForm(request.POST)
    if not form.is_valid():
        return _show(request, token, view, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        payment = link_payments.pay(
            view.link,
            provider=form.cleaned_data["provider"],
            draft_of=draft_of,
            client_address=address_of(request),
        )
    except DomainError as error:
        return _refused(request, token, view, form, error)
    return redirect("pay", token) if payment.status in REFUSED else leave_for(payment)


def _refused(request: HttpRequest, token: str, view: LinkView, form: HostedForm, error: DomainError) -> HttpResponse:
    if error.code is ErrorCode.PAYMENT_IN_PROGRESS:
        return _to_the_one_under_way(token, view.link, error)
    if error.code in _LATER:
        messages.warning(request, words(error))
        response = _show(request, token, view, form, status=GUEST.error_status[error.code])
        response["Retry-After"] = str(error.values.get("retry_after", BUSY_RETRY_SECONDS))
        return response
    if error.code not in _WENT_ON:
        messages.error(request, words(error))
    return redirect("pay", token)


def _second_click(token: str, view: LinkView) -> HttpResponse:
    """On to the session that the first click is opening at this moment; else to how the link stands."""
    return _to_approve(view.order) if view.state == LinkState.ASKING and view.order else redirect("pay", token)


def _to_the_one_under_way(token: str, link: PaymentLink, error: DomainError) -> HttpResponse:
    """Another tab or device was quicker."""
    named = error.values.get("order")
    order = Order.objects.filter(pk__in=[named]).first() if named else Order.objects.filter(links=link.pk).first()
    return _to_approve(order) if order else redirect("pay", token)


def _to_approve(order: Order) -> HttpResponse:
    return redirect("order_approve", token_of(order))
