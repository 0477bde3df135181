"""Empties the database after a test that commits. Django's own way (`flush`) makes new files for every table on
PostgreSQL and writes all permissions anew: half a second after each such test."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {ContentType._meta.db_table, Permission._meta.db_table}  # `migrate` writes them, and no test does


def empty() -> None:
    tables = sorted(set(connection.introspection.django_table_names()) - KEPT)
    quoted = [connection.ops.quote_name(table) for table in tables]
    with transaction.atomic(), connection.cursor() as cursor:  # foreign keys are looked at when it ends
        if connection.vendor == "postgresql":  # waits for what a thread or a page still writes, as TRUNCATE does
            cursor.execute(f"LOCK TABLE {', '.join(quoted)} IN ACCESS EXCLUSIVE MODE")
        for table in quoted:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables


def empty_after(test: TransactionTestCase) -> None:
    """Takes the place of `TransactionTestCase._fixture_teardown`."""
    empty()
