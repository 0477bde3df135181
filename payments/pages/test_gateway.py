"""The `test` gateway's stand-in for a bank's approval page. It moves no money, and says so."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from payments.gateways.base import GatewayRefused, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, TestCharge

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")


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
    _let_the_answer_lead_on(response, reference)
    return response


def _answer(reference: str, *, approves: bool) -> HttpResponse:
    try:
        url = TestGateway().answer_shopper(reference, approves=approves)
    except GatewayRefused as error:
        raise Http404 from error
    # Without our own origin, so that the browser stays on the host it came by.
    return redirect(url.removeprefix(settings.BASE_URL) or "/")


def _let_the_answer_lead_on(response: HttpResponse, reference: str) -> None:
    """Browsers hold the whole chain of redirects after a form to `form-action`: it ends at the API caller's address."""
    payment = Payment.objects.filter(gateway="test", gateway_reference=reference).only("redirect_url").first()
    parts = urlsplit(payment.redirect_url) if payment else None
    if parts and _HOST.fullmatch(parts.netloc):  # nothing that could end the directive and begin another
        response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
