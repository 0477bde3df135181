"""What is answered where no view answers: JSON under /api and /v0, the dashboard's page to staff under /admin, a
page of the shop elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from dialects import guest, purchase, tracker

API_PATHS = re.compile(r"/(?:api|v0)(?:/|$)")
TRACKER_PATHS = re.compile(r"/api/(?:carts|analytics)(?:/|$)")
ADMIN_PATHS = re.compile(r"/admin(?:/|$)")
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
    if _is_api(request):
        return _refusal(request, 404, "Not found")
    if _is_staffs(request):
        return _told_to_staff(request, 404, "Nothing here", "This page does not exist, or no longer does.")
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _refusal(request, 400, "Bad request") if _is_api(request) else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if _is_api(request):
        return _refusal(request, 403, "Forbidden")
    if _is_staffs(request):
        said = "Your role does not allow this. Somebody who may change users and roles can give it to you."
        return _told_to_staff(request, 403, "This is not open to you", said)
    return defaults.permission_denied(request, exception)


def _is_staffs(request: HttpRequest) -> bool:
    """Nobody is signed in where a request never got as far as that."""
    user = getattr(request, "user", None)
    return bool(ADMIN_PATHS.match(request.path) and user and admin.site.has_permission(request))


def _told_to_staff(request: HttpRequest, status: int, title: str, said: str) -> HttpResponseBase:
    return render(
        request, "admin/refused.html", admin.site.each_context(request) | {"title": title, "said": said}, status=status
    )


def server_error(request: HttpRequest, *_: Any) -> HttpResponseBase:
    if _is_api(request):
        return _refusal(request, 500, "Something went wrong on our side.")
    return defaults.server_error(request)
