"""CSRF protection without a token: for the one form on pages that set no cookie.

A browser says itself where a form came from; another site's form is refused. What sends neither header is no
browser, and nobody can be tricked through it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt


def _is_foreign(request: HttpRequest) -> bool:
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.get_host()


def same_origin_writes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Raises PermissionDenied for a POST that another site's page sent."""

    @csrf_exempt
    @functools.wraps(view)
    def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and _is_foreign(request):
            raise PermissionDenied("This form was sent from another site.")
        return view(request, *args, **kwargs)

    return check
