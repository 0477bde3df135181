"""A row written with SQL that is composed once.

`Model.save` composes its statement anew each time, which costs several times what the database's answer does. For the
rows that a purchase writes; others are saved as ever. As `save` otherwise: `auto_now` fields are set, the same errors
come, a transaction that met one is spoilt. No signals are sent: the house has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.models import Model

Row = TypeVar("Row", bound=Model)
Fields = tuple[Any, ...]


def insert(row: Row) -> Row:
    """As `row.save(force_insert=True)` of a row without a key, which the database gives it. Raises IntegrityError."""
    if row.pk is not None:
        raise ValueError("Its key is the database's to give.")
    fields, statement = _insertion(type(row), connection.vendor)
    with _writing() as cursor:
        cursor.execute(f"{statement} RETURNING {_column(row._meta.pk)}", _values(row, fields, is_new=True))
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
    return row


def insert_if_new(row: Model) -> None:
    """One that breaks a unique constraint changes nothing. The row does not learn its key."""
    fields, statement = _insertion(type(row), connection.vendor)
    with _writing() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", _values(row, fields, is_new=True))


def update(row: Model, names: Iterable[str]) -> None:
    """As `row.save(update_fields=names)`. Raises DatabaseError where the row is gone, IntegrityError."""
    fields, statement = _change(type(row), connection.vendor, tuple(dict.fromkeys(names)))
    with _writing() as cursor:
        cursor.execute(statement, [*_values(row, fields, is_new=False), row.pk])
        if not cursor.rowcount:
            raise DatabaseError(f"There is no {row._meta.verbose_name} {row.pk} any more.")


@contextmanager
def _writing() -> Iterator[Any]:
    """A cursor whose failure spoils the transaction it is in: nobody goes on in it by mistake."""
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        yield cursor


def _values(row: Model, fields: Fields, *, is_new: bool) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, is_new), connection) for field in fields]


@cache
def _insertion(model: type[Model], vendor: str) -> tuple[Fields, str]:  # noqa: ARG001 - databases quote differently
    fields = tuple(field for field in model._meta.concrete_fields if not field.primary_key)
    columns = ", ".join(map(_column, fields))
    places = ", ".join(["%s"] * len(fields))
    return fields, f"INSERT INTO {_table(model)} ({columns}) VALUES ({places})"  # noqa: S608 - names of ours


@cache
def _change(model: type[Model], vendor: str, names: tuple[str, ...]) -> tuple[Fields, str]:  # noqa: ARG001
    fields = tuple(model._meta.get_field(name) for name in names)
    changes = ", ".join(f"{_column(field)} = %s" for field in fields)
    return fields, f"UPDATE {_table(model)} SET {changes} WHERE {_column(model._meta.pk)} = %s"  # noqa: S608 - the same


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(field: Any) -> str:
    return connection.ops.quote_name(field.column)
