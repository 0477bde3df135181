"""The middleware that counts answers by the door they left through."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from common.counters import REQUESTS

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BY_PATH = (
    ("/admin", "admin"),
    ("/api", "api"),
    ("/v0", "purchase"),
    ("/healthz", "health"),
    ("/readyz", "health"),
    ("/metrics", "health"),
)


class CountRequests:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        method = request.method if request.method in _METHODS else "OTHER"
        REQUESTS.labels(door_of(request), method, response.status_code).inc()
        return response


def door_of(request: HttpRequest) -> str:
    """The API's name, where one of its views answered (it notes `door` on the request), else by the path."""
    noted = getattr(request, "door", "")
    return noted or next((door for beginning, door in _BY_PATH if request.path.startswith(beginning)), "pages")
