"""One path, two APIs: each method goes to the view of the API that has it.

The first view answers for the path as a whole: OPTIONS, and a method that nobody has, in its own shape. `Allow` names
the methods of both. OpenAPI sees each method with its own view (`split_endpoints`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]
Endpoint = tuple[str, str, str, Any]  # path, its pattern, method, view: as drf-spectacular lists them


def by_method(first: Any, *others: Any) -> View:
    """`first` and `others`: what `as_view({"get": "retrieve"})` or a viewset-like `as_view()` gave."""
    views = {method: view for view in (*others, first) for method in _methods_of(view)}
    allow = ", ".join(sorted({*(method.upper() for method in views), "OPTIONS"}))

    def dispatch(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = views.get((request.method or "").lower(), first)(request, *args, **kwargs)
        if response.has_header("Allow"):
            response["Allow"] = allow
        return response

    dispatch.csrf_exempt = True  # type: ignore[attr-defined]  # as every API view: sessions check it themselves
    dispatch.cls, dispatch.initkwargs = first.cls, {}  # type: ignore[attr-defined]  # so OpenAPI knows an API's view
    dispatch.actions = dict.fromkeys((name for name in views if name != "head"), "")  # type: ignore[attr-defined]
    dispatch.views = views  # type: ignore[attr-defined]
    return dispatch


def _methods_of(view: Any) -> set[str]:
    methods = set(view.actions)
    return methods | {"head"} if "get" in methods else methods


def split_endpoints(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """A preprocessing hook of drf-spectacular."""
    return [
        (path, pattern, method, getattr(view, "views", {}).get(method.lower(), view))
        for path, pattern, method, view in endpoints
    ]
