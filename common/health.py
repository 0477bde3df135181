"""`/healthz`: this process answers. `/readyz`: everything it needs to serve answers too."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


def database() -> dict[str, Any]:
    """Raises django.db.Error when the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Runs READINESS_CHECKS (name -> dotted path of a function that answers details or raises)."""
    checks = {name: _run(name, path) for name, path in settings.READINESS_CHECKS.items()}
    ready = all(check["ok"] for check in checks.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503)


def _run(name: str, path: str) -> dict[str, Any]:
    """The kind of an error is shown, its text is not: it may name hosts or passwords."""
    try:
        return {"ok": True, "detail": import_string(path)()}
    except Exception as error:
        logger.warning("Not ready: %s: %s", name, type(error).__name__)
        detail = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        return {"ok": False, "error": type(error).__name__, "detail": detail}
