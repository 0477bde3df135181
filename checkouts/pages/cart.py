"""The cart: how many of what, and what it comes to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from checkouts import services
from checkouts.pages import changes
from checkouts.pages.basket_form import BasketForm
from checkouts.pages.language import speaks_as_chosen
from checkouts.pages.ran_out import CARRY_ON, carry_on, empty_cart
from checkouts.pages.refusals import shopper_page
from checkouts.pages.shop import page_or_parts, remember
from checkouts.queries import CheckoutView, shipping_methods
from checkouts.states import CheckoutStatus
from dialects.guest import session_from


@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
@speaks_as_chosen
def cart(request: HttpRequest) -> HttpResponse:
    if request.POST.get("action") == CARRY_ON:
        return carry_on(request)
    view = services.find(session_from(request))
    if view is None:
        return redirect("cart") if request.method == "POST" else empty_cart(request)
    tell = changes.tell_moved if request.method == "POST" else changes.tell
    tell(request, view)
    if view.checkout.status == CheckoutStatus.PAYING:
        return redirect("checkout")
    if request.method == "POST":
        return _save(request, view)
    return _show(request, BasketForm(view))


def _save(request: HttpRequest, view: CheckoutView) -> HttpResponse:
    form = BasketForm(view, request.POST)
    action = request.POST.get("action", "update")
    view = form.save(session_from(request), action)
    if form.has_errors:
        return remember(_show(request, form, status=422), view)
    goes_on = action == "checkout" and view.lines
    return remember(redirect("checkout" if goes_on else "cart"), view)


def _show(request: HttpRequest, form: BasketForm, *, status: int = 200) -> HttpResponse:
    context = {
        "view": form.view,
        "basket": form,
        "shown_total_amount": form.view.totals.total_amount,
        "shipping_from": _cheapest_shipping(form.view),
    }
    return page_or_parts(request, "cart", context, view=form.view, status=status)


def _cheapest_shipping(view: CheckoutView) -> int | None:
    """What it costs at least, for whoever has not chosen yet: nobody goes on towards a cost they cannot guess."""
    if view.method or not view.lines:
        return None
    return min((method.rate_amount for method in shipping_methods(view.currency, view.country)), default=None)  # type: ignore[attr-defined]
