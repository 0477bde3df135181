"""Every page of the admin, found in its URLs: a page that is added is walked by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts import roles
from accounts.models import User
from checkout_project.schedule import JOBS
from dashboard.roles import ROLES
from demo import agents, catalog, history, recovery
from outbox.models import JobRun
from tests.admin_rows import fill

_PLACE = re.compile(r"<(?:\w+:)?\w+>")
_NUMBERS_APART = 9000  # the rows of tests.admin_rows and those of the demo shop


@dataclass(frozen=True)
class Address:
    """Somewhere in the admin. `model`: whose page it is, None for the site's own."""

    path: str
    name: str
    model: type[Model] | None = None

    @property
    def is_list(self) -> bool:
        return self.name.endswith("_changelist")

    @property
    def is_of_a_record(self) -> bool:
        return self.name.endswith("_change")


def shop_with_everything() -> None:
    """The demo shop's ninety days, and a row in every table that the admin shows."""
    catalog.load()
    recovery.load()
    history.load()
    agents.load()
    fill(_NUMBERS_APART, 1)
    now = timezone.now()
    JobRun.objects.bulk_create(
        JobRun(name=job.task, started_at=now, finished_at=now, succeeded_at=now) for job in JOBS.values()
    )
    roles.make(ROLES)


def member(key: str) -> User:
    """Of the staff, with this role."""
    user = User.objects.create(username=key, is_staff=True)
    user.groups.add(Group.objects.get(role__key=key))
    return user


def addresses() -> list[Address]:
    """Of everything in the admin's URLs that one can ask for by name, about the newest record of its model."""
    root, found = reverse("admin:index"), []
    for pattern in admin.site.get_urls():
        if isinstance(pattern, URLPattern):
            found.append((str(pattern.pattern), pattern.name, None))
    for model, model_admin in admin.site._registry.items():
        place = f"{model._meta.app_label}/{model._meta.model_name}/"
        found += [(place + str(each.pattern), each.name, model) for each in model_admin.get_urls()]
    apps = sorted({model._meta.app_label for model in admin.site._registry})
    found += [(f"{app}/", f"app:{app}", None) for app in apps]
    return [
        Address(root + _filled(path, model), name, model) for path, name, model in found if name and _is_plain(path)
    ]


def _is_plain(path: str) -> bool:
    """Not the site's catch-all, nor what is about two things at once."""
    return "(?P" not in path and len(_PLACE.findall(path)) < 2


def _filled(path: str, model: Any) -> str:
    if not _PLACE.search(path):
        return path
    newest = model._default_manager.order_by("-pk").first() if model else None
    return _PLACE.sub(str(newest.pk) if newest else "1", path)


def is_page(answer: HttpResponse) -> bool:
    """Not a list as CSV, a dialog inside a page, a button that wants to be pressed, or a way to another page."""
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and is_html and b"<html" in answer.content


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
