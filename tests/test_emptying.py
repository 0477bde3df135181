"""What a test has committed is gone before the next one begins."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from tests.admin_rows import fill
from tests.emptying import empty

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = {ContentType, Permission}


def filled() -> set[str]:
    return {model.__name__ for model in apps.get_models() if model not in KEPT and model._default_manager.exists()}


def test_of_every_table_that_had_rows() -> None:
    fill(1, 2)
    assert len(filled()) > 25
    empty()
    assert filled() == set()


def test_by_the_end_of_the_test_itself() -> None:
    assert filled() == set()


def test_but_what_the_migrations_wrote_about_models_and_permissions() -> None:
    def about_models() -> list[int]:
        return [model.objects.count() for model in (ContentType, Permission)]

    before = about_models()
    empty()
    assert about_models() == before
    assert all(before)
