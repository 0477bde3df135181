"""The button for somebody else at the same screen: what this browser knows of the last buyer is forgotten."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from checkouts import remembered
from dialects.guest import end_session, session_from, set_session

FORGET = "forget"
FORGOTTEN = _("Name, addresses and phone number are cleared, and this browser no longer knows who bought here before.")


def forget(request: HttpRequest, to: str, *arguments: str) -> HttpResponse:
    """What is in the cart stays. Raises DomainError: PAYMENT_IN_PROGRESS, BUSY."""
    session_key = remembered.forget(session_from(request))
    messages.success(request, FORGOTTEN)
    response = redirect(to, *arguments)
    if session_key is None:
        end_session(response)
    else:
        set_session(response, session_key)
    return response
