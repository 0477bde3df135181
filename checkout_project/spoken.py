"""The middleware that says who is spoken to in which language.

A shopper in the one they chose, else in the first that their browser asks for and we speak, else in the shop's. Staff
in the shop's. Programs in English, whatever they ask for: their documents fix every word.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override

from common import languages

_PROGRAMS = re.compile(r"/(?:api|v0|healthz|readyz|metrics|\.well-known)(?:/|$)")
_STAFF = re.compile(r"/admin(?:/|$)")
_LONGEST = 20  # of the cookie: nothing that we ever set is longer


class SpeakTheirLanguage:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _PROGRAMS.match(request.path):
            with override(languages.SOURCE):
                return self._answer(request)
        if _STAFF.match(request.path):
            with override(settings.LANGUAGE_CODE):
                return self._answer(request)
        return self._to_a_shopper(request)

    def _to_a_shopper(self, request: HttpRequest) -> HttpResponse:
        language = _wanted_by(request)
        with languages.serving_a_shopper(language):
            response = self._answer(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _wanted_by(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if len(chosen) > _LONGEST:
        del request.COOKIES[settings.LANGUAGE_COOKIE_NAME]
    return get_language_from_request(request)
