"""Queries whose SQL is written once.

Django composes the SQL of a query anew each time; for one that joins many tables this takes several times as long as
asking the database. `Prepared` keeps the text and fills in the values:

    _OF_CART = Prepared(lambda: CartLine.objects.filter(cart_id=Given("cart", BigIntegerField())))
    lines = _OF_CART.rows(cart=7)

For the few queries that nearly every call makes; others stay ordinary querysets.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError, mark_for_rollback_on_error

Row = TypeVar("Row")


class Given(Expression):
    """A place in the query for a value that comes with each call, written as `field` writes its values."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002
        return "%s", [self]  # the place itself stands for the value until there is one

    def written(self, value: Any, connection: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


def _filled(places: Sequence[Any], values: Mapping[str, Any], connection: Any) -> tuple[Any, ...]:
    return tuple(
        place.written(values[place.name], connection) if isinstance(place, Given) else place for place in places
    )


class Prepared(Generic[Row]):
    """A queryset, built at the first call, whose SQL is kept for each kind of database."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._kept: dict[str, tuple[type, Any, str, Sequence[Any]]] = {}

    def rows(self, **values: Any) -> list[Row]:
        """What the queryset would give with these values. A locking one raises TransactionManagementError outside a
        transaction, as it would."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        iterable, template, sql, places = self._kept.get(connection.vendor) or self._write(connection)
        if template.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are locked in a transaction only.")
        compiler = copy.copy(template)
        compiler.connection = connection
        params = _filled(places, values, connection)
        compiler.as_sql = lambda *_, **__: (sql, params)
        query: Any = SimpleNamespace(get_compiler=lambda *_, **__: compiler)
        return list(iterable(QuerySet(template.query.model, query=query, using=connection.alias)))

    def first(self, **values: Any) -> Row | None:
        """The first row; the queryset should have been cut to one."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def _write(self, connection: Any) -> tuple[type, Any, str, Sequence[Any]]:
        queryset = self._build()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, places = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        compiler.get_converters = lambda _: converters
        compiler.connection = None  # each run has its own thread's
        self._kept[connection.vendor] = kept = (queryset._iterable_class, compiler, sql, places)
        return kept


class PreparedUpdate:
    """An UPDATE that says what the rows it changed hold, where Django would need two statements.

        _TAKEN = PreparedUpdate(lambda: Stock.objects.filter(pk=Given("id", BigIntegerField())), ("on_hand",),
            on_hand=F("on_hand") - 1)
        [(left,)] = _TAKEN.rows(id=7)

    https://www.postgresql.org/docs/current/dml-returning.html, https://www.sqlite.org/lang_returning.html
    """

    def __init__(self, build: Callable[[], QuerySet[Any]], names: tuple[str, ...], **changes: Any) -> None:
        """`build`: which rows, of one table alone; `names`: of fields that the database keeps as Python has them (texts
        and whole numbers)."""
        self._build, self._names, self._changes = build, names, changes
        self._kept: dict[str, tuple[str, Sequence[Any]]] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """`names` of each row that was changed, as they are afterwards."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        sql, places = self._kept.get(connection.vendor) or self._write(connection)
        with mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
            cursor.execute(sql, _filled(places, values, connection))
            return list(cursor.fetchall())

    def _write(self, connection: Any) -> tuple[str, Sequence[Any]]:
        rows = self._build()
        query: Any = rows.query.chain(UpdateQuery)  # its stubs do not know the next call
        query.add_update_values(self._changes)
        statement, places = query.get_compiler(connection=connection).as_sql()
        columns = [connection.ops.quote_name(rows.model._meta.get_field(name).column) for name in self._names]
        self._kept[connection.vendor] = kept = (f"{statement} RETURNING {', '.join(columns)}", places)
        return kept
