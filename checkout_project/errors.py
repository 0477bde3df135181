"""What is answered where no view answers: JSON under /api, a page elsewhere."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from dialects import guest, tracker

TRACKER_PATHS = re.compile(r"/api/(?:carts|analytics)(?:/|$)")


def _is_api(request: HttpRequest) -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def _refusal(request: HttpRequest, status: int, message: str) -> JsonResponse:
    """In the words of the API whose path it is."""
    dialect = tracker if TRACKER_PATHS.match(request.path) else guest
    return JsonResponse(dialect.error_body(status, message), status=status)


@csrf_exempt
def unknown_api_path(request: HttpRequest) -> HttpResponseBase:
    return _refusal(request, 404, "Not found")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _refusal(request, 404, "Not found") if _is_api(request) else defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _refusal(request, 400, "Bad request") if _is_api(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _refusal(request, 403, "Forbidden") if _is_api(request) else defaults.permission_denied(request, exception)


def server_error(request: HttpRequest, *_: Any) -> HttpResponseBase:
    if _is_api(request):
        return _refusal(request, 500, "Something went wrong on our side.")
    return defaults.server_error(request)
