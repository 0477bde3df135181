"""The `test` gateway's stand-in for a bank's approval page. It moves no money, and says so."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from payments.gateways.base import GatewayRefused, Outcome
from payments.gateways.test import TestGateway
from payments.models import TestCharge


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    charge = TestCharge.objects.filter(reference=reference).first()
    if charge is None:
        raise Http404
    answer = request.POST.get("answer")
    if answer in {"approve", "decline"}:
        return _answer(reference, approves=answer == "approve")
    context = {"charge": charge, "waits": charge.outcome == Outcome.REQUIRES_ACTION, "outcome": charge.outcome}
    response = render(request, "payments/test_gateway.html", context, status=400 if request.method == "POST" else 200)
    add_never_cache_headers(response)
    response["X-Robots-Tag"], response["Referrer-Policy"] = "noindex", "same-origin"
    return response


def _answer(reference: str, *, approves: bool) -> HttpResponse:
    try:
        url = TestGateway().answer_shopper(reference, approves=approves)
    except GatewayRefused as error:
        raise Http404 from error
    # Without our own origin, so that the browser stays on the host it came by.
    return redirect(url.removeprefix(settings.BASE_URL) or "/")
