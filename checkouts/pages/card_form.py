"""Stripe's card form on a page: what its template needs, and a policy that lets the script in on this page alone."""

from __future__ import annotations

from django.http import HttpResponse

from payments.gateways.stripe_browser import CardForm, content_policy


def allow_script(response: HttpResponse, form: CardForm | None) -> HttpResponse:
    if form is not None:
        response._csp_update = content_policy()  # type: ignore[attr-defined]
    return response
