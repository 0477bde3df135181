"""The pages that a recovery mail leads to. A GET changes nothing and sets no cookie: scanners of mail make it, too."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from checkouts.pages.refusals import busy
from checkouts.pages.same_origin import same_origin_writes
from checkouts.pages.shop import keep_private, local, page, personal_page, remember
from common.errors import DomainError, ErrorCode
from recovery import coming_back, unsubscribing
from recovery.coming_back import Landing, LinkState

_GONE = (LinkState.EXPIRED, LinkState.REVOKED)


@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_writes
def recover(request: HttpRequest, token: str) -> HttpResponse:
    landing = coming_back.look(token)
    if landing is None:
        return _state(request, "unknown", status=HTTPStatus.NOT_FOUND)
    if landing.state != LinkState.OPEN:
        return _state(request, landing.state, status=HTTPStatus.GONE if landing.state in _GONE else HTTPStatus.OK)
    if request.method == "POST":
        return _go_on(request, landing)
    return personal_page(request, "recovery/landing.html", {"landing": landing, "token": token})


def _go_on(request: HttpRequest, landing: Landing) -> HttpResponse:
    try:
        way = coming_back.come_back(landing)
    except DomainError as error:
        return _refused(request, error)
    if way.view is None:
        return keep_private(redirect(local(way.pay_url)))
    return remember(keep_private(redirect("checkout")), way.view)


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    if error.code is ErrorCode.BUSY:
        return busy(request)
    if error.code is ErrorCode.PAYMENT_IN_PROGRESS:
        return _state(request, "being_paid", status=HTTPStatus.CONFLICT)
    if error.code in {ErrorCode.CART_CLOSED, ErrorCode.CHECKOUT_COMPLETED}:
        return _state(request, LinkState.BOUGHT)
    return _state(request, LinkState.EMPTY)


def _state(request: HttpRequest, state: str, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return personal_page(request, "recovery/state.html", {"state": str(state)}, status=status)


# --- no more mails --------------------------------------------------------------------------------
@csrf_exempt  # RFC 8058: mailbox providers post `List-Unsubscribe=One-Click` without cookies; the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Works for people with a button, and for programs with one request; pressed twice it is done once."""
    try:
        if request.method == "POST":
            known, done = unsubscribing.unsubscribe(token), True
        else:
            known, done = unsubscribing.is_known(token), unsubscribing.is_done(token)
    except DomainError as error:
        if error.code is not ErrorCode.BUSY:
            raise
        return busy(request)
    context: dict[str, Any] = {"known": known, "done": done, "token": token, "cart_pieces": 0}
    status = HTTPStatus.OK if known else HTTPStatus.NOT_FOUND
    return keep_private(page(request, "recovery/unsubscribe.html", context, status=status))
