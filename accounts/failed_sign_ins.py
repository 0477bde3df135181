"""What is kept of a failed sign-in: who, from where, with what browser. Nothing else that was sent, no card number."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.http import HttpRequest, QueryDict

from common.cards import without_card_numbers


def name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Under which name failures are counted."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    return without_card_numbers(str(typed))[:255]


class Handler(AxesDatabaseHandler):
    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is not None:
            request.GET, request.POST = QueryDict(), QueryDict()  # the form at hand has read them already
            for name in ("axes_user_agent", "axes_http_accept", "axes_path_info"):
                setattr(request, name, without_card_numbers(getattr(request, name, "") or ""))
        super().user_login_failed(sender, credentials, request, **kwargs)
