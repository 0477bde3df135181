"""The tables that tie apps together by name point at things that exist."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings

from checkout_project.handlers import HANDLERS
from checkout_project.schedule import JOBS

LAYERS = [
    *(
        "checkout_project",
        "demo",
        "dashboard",
        "analytics",
        "purchases",
        "recovery",
        "checkouts",
        "payments",
        "orders",
        "carts",
        "catalog",
        "dialects",
    ),
    *("prepaid", "outbox", "accounts", "common"),
]
OURS = {app for app in LAYERS if (Path(settings.ROOT) / app).is_dir()}
NO_HTTP_IN = ("models.py", "services.py", "queries.py", "states.py", "pricing.py", "stock.py", "completion.py")


def test_every_handler_is_a_task_that_exists():
    named = {task for tasks in HANDLERS.values() for task in tasks}
    assert named <= set(current_app.tasks)


def test_every_scheduled_job_is_a_task_that_exists():
    assert {job.task for job in JOBS.values()} <= set(current_app.tasks)


def test_every_foreign_key_points_down():
    """Texts like "orders.Order" escape the import contracts."""
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and {model._meta.app_label, _target(field)} <= OURS
        if LAYERS.index(_target(field)) < LAYERS.index(model._meta.app_label)
    ]
    assert wrong == []


def _target(field) -> str:
    return field.related_model._meta.app_label


@pytest.mark.parametrize("app", sorted(OURS - {"checkout_project", "demo"}))
def test_models_and_services_know_no_http(app):
    for path in (Path(settings.ROOT) / app).rglob("*.py"):
        if path.name in NO_HTTP_IN and "api" not in path.parts and "pages" not in path.parts:
            imported = [
                ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)
            ]
            assert not [line for line in imported if "django.http" in line or "rest_framework" in line], path
