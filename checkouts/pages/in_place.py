"""What static/shop/checkout.js asks for while the shopper types: parts of the page, and nothing about anybody.

Neither looks at the session or the database. Without JavaScript the page's own buttons do the same.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from checkouts.pages.address_form import empty_form
from checkouts.pages.forms import ContactForm
from checkouts.pages.same_origin import same_origin_writes
from checkouts.pages.shop import keep_private
from common.countries import CODES

PREFIXES = ("shipping", "billing")
KEPT_SECONDS = 3600


@require_safe
def address_fields(request: HttpRequest, prefix: str) -> HttpResponse:
    """The empty fields of a country: `?country=DK`, or none chosen. The same for everybody."""
    country = request.GET.get("country", "")
    if prefix not in PREFIXES or (country and country not in CODES):
        raise Http404
    response = render(request, "checkouts/address_fields.html", {"section": empty_form(prefix, country)})
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_POST
@same_origin_writes
def hints(request: HttpRequest) -> HttpResponse:
    """For the posted `email` and `phone` (dialed in `country`): the paragraph beside each, '' where nothing is odd."""
    form = ContactForm(request.POST, country=_country(request))
    said = {bound.name: _paragraph(bound, doubt) for bound, doubt in form.rows}
    return keep_private(JsonResponse(said))


def _country(request: HttpRequest) -> str:
    country = request.POST.get("country", "")
    return country if country in CODES else ""


def _paragraph(bound: object, doubt: object) -> str:
    return render_to_string("checkouts/doubt.html", {"field": bound, "doubt": doubt}).strip() if doubt else ""
