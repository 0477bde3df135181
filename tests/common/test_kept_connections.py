"""A connection kept between requests is used again without being asked, and given up when its server is gone."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper as Djangos

from common.postgresql import base

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.DATABASE_URL, reason="needs PostgreSQL"),
]


@pytest.fixture
def asked(monkeypatch) -> list[bool]:
    """One entry for each time the server was really asked."""
    answers: list[bool] = []
    real = Djangos.is_usable

    def counted(self) -> bool:
        answers.append(real(self))
        return answers[-1]

    monkeypatch.setattr(Djangos, "is_usable", counted)
    connection.close()  # the one of the tests before may have rested for long
    yield answers
    connection.close()


def next_request() -> str:
    """What Django does between two requests, and the first query of the second."""
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()::text")
        return cursor.fetchone()[0]


def test_a_connection_just_used_is_not_asked(asked):
    first = next_request()
    assert next_request() == first
    assert asked == []


def test_one_whose_server_ended_it_is_replaced_without_an_error(asked):
    first = next_request()
    kwargs = connection.get_connection_params() | {"autocommit": True}
    kwargs.pop("cursor_factory", None)
    kwargs.pop("context", None)
    with psycopg.connect(**kwargs) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [int(first)])
        other.execute("SELECT pg_sleep(0.2)")  # the farewell is on its way
    assert next_request() != first
    assert asked == [False]


def test_one_that_rested_is_asked(asked, monkeypatch):
    first = next_request()
    monkeypatch.setattr(base, "REST_SECONDS", 0.0)
    assert next_request() == first
    assert asked == [True]


def test_one_with_an_error_behind_it_is_asked(asked):
    first = next_request()
    connection.errors_occurred = True
    connection.close_if_unusable_or_obsolete()
    assert asked == [True]
    assert next_request() == first
