"""What is answered where no view answers: JSON under /api and /v0, a page elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from dialects import guest, purchase, tracker

API_PATHS = re.compile(r"/(?:api|v0)(?:/|$)")
TRACKER_PATHS = re.compile(r"/api/(?:carts|analytics)(?:/|$)")
PURCHASE_PATHS = re.compile(r"/v0(?:/|$)")


def _is_api(request: HttpRequest) -> bool:
    return API_PATHS.match(request.path) is not None


def _refusal(request: HttpRequest, status: int, message: str) -> JsonResponse:
    """In the words of the API whose path it is."""
    return JsonResponse(_error_body(request.path)(status, message), status=status)


def _error_body(path: str) -> Callable[[int, str], dict[str, Any]]:
    if PURCHASE_PATHS.match(path):
        return purchase.error_body
    return tracker.error_body if TRACKER_PATHS.match(path) else guest.error_body


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
