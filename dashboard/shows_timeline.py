"""A record's page with its timeline under it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from dashboard import timeline
from dashboard.sources import timeline as timeline_of
from dashboard.story import Story
from dashboard.timeline import Entry, Page

PARAMETER = "before"


class ShowsTimeline:
    """Of an admin."""

    change_form_outer_after_template = "admin/timeline.html"

    def story_of(self, row: Any) -> Story:
        raise NotImplementedError

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            before = timeline.read(request.GET.get(PARAMETER, ""))
            page = timeline_of(self.story_of(obj), request.user.has_perm, before=before)
            context |= {"timeline": _shown(page, obj), "older": page.older, "is_older": before is not None}
        answer: HttpResponse = super().render_change_form(request, context, *args, obj=obj, **kwargs)  # type: ignore[misc]
        return answer


def _shown(page: Page, obj: Any) -> list[tuple[Entry, str]]:
    """Each entry with the address of its row's page, '' where that is this one or there is none."""
    own = (f"{obj._meta.app_label}_{obj._meta.model_name}", obj.pk)
    return [(entry, "" if entry.page in (None, own) else _address(entry.page)) for entry in page.entries]


def _address(page: tuple[str, int] | None) -> str:
    return reverse(f"admin:{page[0]}_change", args=[page[1]]) if page else ""
