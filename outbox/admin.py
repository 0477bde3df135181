"""What the merchant sees of background work. Nothing can be edited."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string
from unfold.decorators import display

from common.admin import ReadOnlyAdmin
from outbox.models import JobRun, OutboxEvent


class EventNameFilter(admin.SimpleListFilter):
    """The names are read from the table of handlers, not from a table that grows without end."""

    title = "name"
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(name, name) for name in sorted(import_string(settings.OUTBOX_HANDLERS))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(name=self.value()) if self.value() else queryset


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("open", "Waiting"), ("failed", "Failed"), ("done", "Done")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        conditions: dict[str | None, dict[str, bool]] = {
            "open": {"done_at__isnull": True, "failed_at__isnull": True},
            "failed": {"failed_at__isnull": False},
            "done": {"done_at__isnull": False},
        }
        return queryset.filter(**conditions.get(self.value(), {}))


class OutboxEventAdmin(ReadOnlyAdmin):
    """Registered in dashboard.admin, with what can be done to one."""

    list_display = ("id", "name", "key", "state", "attempts", "created_at", "available_at", "error_begins")
    list_filter = (StateFilter, EventNameFilter)
    exact_fields = ("key",)
    ordering = ("-id",)
    search_help_text = "Key or id"

    @display(description="State", label={"waiting": "info", "done": "success", "failed": "danger"})
    def state(self, event: OutboxEvent) -> str:
        if event.failed_at:
            return "failed"
        return "done" if event.done_at else "waiting"

    @display(description="Last error")
    def error_begins(self, event: OutboxEvent) -> str:
        return event.last_error[:80]


class JobRunAdmin(ReadOnlyAdmin):
    """How jobs last fared, those of earlier versions, too. Registered in dashboard.admin, below the schedule."""

    list_display = ("name", "state", "started_at", "finished_at", "succeeded_at", "error")
    exact_fields = ("name",)
    sortable_by = ("name",)

    @display(description="Last run", label={"ok": "success", "running": "info", "failed": "danger", "never": "warning"})
    def state(self, job: JobRun) -> str:
        if job.error:
            return "failed"
        if job.started_at is None:
            return "never"
        return "ok" if job.finished_at and job.finished_at >= job.started_at else "running"
