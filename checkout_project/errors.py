"""What is answered where no view answers: JSON under /api, a page elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from dialects.guest import error_body


def _is_api(request: HttpRequest) -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def _refusal(status: int, message: str) -> JsonResponse:
    return JsonResponse(error_body(status, message), status=status)


@csrf_exempt
def unknown_api_path(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    return _refusal(404, "Not found")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _refusal(404, "Not found") if _is_api(request) else defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _refusal(400, "Bad request") if _is_api(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _refusal(403, "Forbidden") if _is_api(request) else defaults.permission_denied(request, exception)


def server_error(request: HttpRequest, *_: Any) -> HttpResponseBase:
    return _refusal(500, "Something went wrong on our side.") if _is_api(request) else defaults.server_error(request)
