"""The switch in the page's foot: another language, the same place, and everything that was typed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from checkouts import services
from checkouts.pages.refusals import shopper_page
from checkouts.pages.same_origin import same_origin_writes
from checkouts.pages.shop import keep_private
from common import languages
from dialects.guest import session_from

View = Callable[..., HttpResponse]


@same_origin_writes
@require_POST
@shopper_page
def choose(request: HttpRequest) -> HttpResponse:
    """The posted `language`, and back to `next`. One that we do not speak changes nothing."""
    response = keep_private(redirect(_next(request)))
    chosen = _chosen(request)
    if not chosen:
        return response
    services.note_language(session_from(request), chosen)
    return _remember(response, chosen)


def speaks_as_chosen(view: View) -> View:
    """For a page whose own form the switch sends: it does with what was typed what it always does, and answers in the
    language that was chosen."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = _chosen(request)
        if not chosen:
            return view(request, *args, **kwargs)
        with languages.serving_a_shopper(chosen):
            return _remember(view(request, *args, **kwargs), chosen)

    return answer


def _chosen(request: HttpRequest) -> str:
    named = request.POST.get("language", "") if request.method == "POST" else ""
    return named if named in dict(settings.LANGUAGES) else ""


def _next(request: HttpRequest) -> str:
    """A place of this shop that can be looked at."""
    named = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(named, allowed_hosts=None) and named.startswith("/")
    return named if is_ours and not named.startswith(reverse("language")) else "/"


def _remember(response: HttpResponse, language: str) -> HttpResponse:
    response.headers["Content-Language"] = language
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path="/",
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
