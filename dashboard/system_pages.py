"""Background work with what can be done to it: events run again, jobs run before their turn."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from unfold.decorators import action

from common.errors import DomainError
from dashboard import acts, bulk_acts
from dashboard.bulk import NO_CHANGE, PressesMany
from dashboard.pressing import Presses, asks, may
from dialects.staff_sentences import told_to_staff
from outbox.admin import JobRunAdmin, OutboxEventAdmin
from outbox.jobs import Job, schedule
from outbox.kick import DRAIN
from outbox.models import JobRun, OutboxEvent
from payments.event_admin import GatewayEventAdmin
from payments.models import GatewayEvent
from payments.states import EventStatus


class OutboxEventPage(Presses, PressesMany, OutboxEventAdmin):
    actions = ("run_again_selected",)
    actions_detail = ("run_again",)

    def not_now(self, event: OutboxEvent) -> set[str]:
        return {"run_again"} if event.done_at else set()

    @admin.action(description="Run again", permissions=["act"])
    def run_again_selected(self, request: HttpRequest, rows: QuerySet[OutboxEvent]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.RUN_EVENTS_AGAIN)

    @action(
        description="Run again",
        permissions=["act"],
        url_path="run-again",
        dialog=asks("Run again", "It is due now; one that had failed has all its attempts before it."),
    )
    def run_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(event: OutboxEvent) -> str:
            is_new = acts.run_event_again(event, by=request.user)  # type: ignore[arg-type]
            return "It will be run now." if is_new else f"{NO_CHANGE}."

        return self.press(request, form, object_id, act)


class GatewayEventPage(Presses, PressesMany, GatewayEventAdmin):
    actions = ("replay_selected",)
    actions_detail = ("replay",)

    def not_now(self, event: GatewayEvent) -> set[str]:
        return {"replay"} if event.status == EventStatus.RECEIVED else set()

    @admin.action(description="Replay", permissions=["act"])
    def replay_selected(self, request: HttpRequest, rows: QuerySet[GatewayEvent]) -> HttpResponse:
        return self.press_many(request, rows, bulk_acts.REPLAY_EVENTS)

    @action(
        description="Replay",
        permissions=["act"],
        url_path="replay",
        dialog=asks("Replay this event", "The gateway is asked again about its payment. Nothing is done twice."),
    )
    def replay(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        def act(event: GatewayEvent) -> str:
            is_new = acts.replay_gateway_event(event, by=request.user)  # type: ignore[arg-type]
            return "It will be worked on again now." if is_new else f"{NO_CHANGE}."

        return self.press(request, form, object_id, act)


# --- scheduled jobs -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Turn:
    """One line of the schedule. `every`: seconds. `next_at`: None where it is due now."""

    name: str
    does: str
    every: float
    run: JobRun | None
    outcome: str
    next_at: datetime | None
    address: str  # where it is asked for; '' of what runs all the time


def turns(now: datetime) -> Iterator[Turn]:
    """In one query."""
    runs = {run.name: run for run in JobRun.objects.all()}
    page = reverse("admin:outbox_run_job")
    for name, job in schedule().items():
        run = runs.get(job.task)
        address = "" if job.task == DRAIN else f"{page}?job={name}"
        yield Turn(name, job.does, job.every, run, _outcome(run), _next(job, run, now), address)


def _outcome(run: JobRun | None) -> str:
    if run is None or run.started_at is None:
        return "never run"
    if run.error:
        return f"failed: {run.error[:200]}"
    return "well" if run.finished_at and run.finished_at >= run.started_at else "running"


def _next(job: Job, run: JobRun | None, now: datetime) -> datetime | None:
    """A turn after the last one; the scheduler's own clock may differ by as much as the worker was busy."""
    if run is None or run.started_at is None:
        return None
    due_at = run.started_at + timedelta(seconds=job.every)
    return due_at if due_at > now else None


class RunForm(forms.Form):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class JobsPage(JobRunAdmin):
    list_before_template = "admin/schedule.html"

    has_run_job_permission = may("outbox.run_job")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.run_page))
        return [path("run/", page, name="outbox_run_job"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"turns": list(turns(timezone.now())), "may_run": self.has_run_job_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    def run_page(self, request: HttpRequest) -> HttpResponse:
        """Asks first; a worker runs it, not this page."""
        if not self.has_run_job_permission(request):
            raise PermissionDenied
        name = request.GET.get("job", "")
        job = schedule().get(name)
        form = RunForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._want(request, name, job, form.cleaned_data["request_key"].hex)
            return HttpResponseRedirect(reverse("admin:outbox_jobrun_changelist"))
        context = {**self.admin_site.each_context(request), "title": f"Run {name} now"}
        context |= {"form": form, "name": name, "is_known": job is not None and job.task != DRAIN}
        return TemplateResponse(request, "admin/run_job.html", context)

    def _want(self, request: HttpRequest, name: str, job: Job | None, token: str) -> None:
        who: Any = request.user
        try:
            is_new = acts.run_job(job.task if job else "", wish=f"staff:{who.pk}:{token}", by=who)
        except DomainError as error:
            self.message_user(request, told_to_staff(error), messages.ERROR)
            return
        said = f"{name} will be run by a worker in a moment." if is_new else f"{name} waits to be run already."
        self.message_user(request, said, messages.SUCCESS)
