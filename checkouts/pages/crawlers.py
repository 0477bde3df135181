"""What machines that read the shop are told first: /robots.txt and /sitemap.xml."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.queries import products_on_offer
from checkouts.pages.shop import absolute

MOST_PRODUCTS = 50_000 - 2  # sitemaps.org: 50,000 addresses in one file
_NOT_FOR_CRAWLERS = ("/admin/", "/api/", "/cart/", "/checkout/")
_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{}</urlset>
"""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_CRAWLERS)]
    text = "\n".join([*lines, "", f"Sitemap: {absolute(reverse('sitemap'))}", ""])
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The front page, the list, and every product that can be bought."""
    on_offer = products_on_offer(settings.SHOP_CURRENCY).values_list("slug", "updated_at")
    entries = [_entry(reverse("home")), _entry(reverse("products"))]
    entries += [
        _entry(reverse("product", args=[slug]), f"{changed:%Y-%m-%d}") for slug, changed in on_offer[:MOST_PRODUCTS]
    ]
    return HttpResponse(_SITEMAP.format("".join(entries)), content_type="application/xml; charset=utf-8")


def _entry(path: str, changed: str = "") -> str:
    when = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"  <url><loc>{escape(absolute(path))}</loc>{when}</url>\n"
