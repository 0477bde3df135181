"""What every page of the shop needs: whose session it is, answers that are not kept, addresses that stay here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers

from checkouts.queries import CheckoutView, pieces_in_session
from dialects.guest import session_from, set_session
from orders import links
from orders.models import Order


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page with the number of pieces in the shopper's cart in its head; never shared between shoppers."""
    if "cart_pieces" not in context:
        context["cart_pieces"] = pieces_in_session(session_from(request))
    response = render(request, template, context, status=status)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def personal_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, view: CheckoutView | None = None, status: int = 200
) -> HttpResponse:
    """A page with somebody's own data: kept by no cache and by no search engine, and its address told to nobody."""
    if view is not None:
        context["cart_pieces"] = pieces_of(view)
    return keep_private(page(request, template, context, status=status))


def page_or_parts(
    request: HttpRequest, name: str, context: dict[str, Any], *, view: CheckoutView, status: int = 200
) -> HttpResponse:
    """The whole page, or for static/shop/in_place.js the parts of it that prices, pieces and codes change."""
    is_in_place = bool(getattr(request, "htmx", False)) and bool(view.lines)
    template = f"checkouts/{name}_parts.html" if is_in_place else f"checkouts/{name}.html"
    response = personal_page(request, template, context, view=view, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def keep_private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)  # also the back button asks again, and finds what is true now
    response["X-Robots-Tag"] = "noindex"
    # Not no-referrer: with it browsers send forms with `Origin: null`, which CSRF protection rightly refuses.
    response["Referrer-Policy"] = "same-origin"
    return response


def order_or_404(token: str) -> Order:
    """The order behind a link that we signed."""
    order = links.find(token)
    if order is None:
        raise Http404
    return order


def pieces_of(view: CheckoutView) -> int:
    return sum(line.quantity for line in view.lines)


def remember(response: HttpResponse, view: CheckoutView) -> HttpResponse:
    """Hands the shopper the session they acted on, or renews it."""
    set_session(response, view.checkout.session_key)
    return response


def local(url: str) -> str:
    """An address of this shop without its origin, so that the browser stays on the host it came by."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}".lower() != settings.BASE_URL.lower():
        return url
    path = url[len(settings.BASE_URL) :] or "/"
    return url if path.startswith("//") else path  # alone it would name another host


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"
