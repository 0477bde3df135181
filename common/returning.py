"""An UPDATE that says what the rows it changed hold: one statement where Django would need two.

https://www.postgresql.org/docs/current/dml-returning.html, https://www.sqlite.org/lang_returning.html
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery


def update_returning(rows: QuerySet[Any], names: tuple[str, ...], **values: Any) -> list[tuple[Any, ...]]:
    """`names` of each row that was changed, as they are afterwards. `rows`: of one table alone; `names`: of fields that
    the database keeps as Python has them (texts and whole numbers)."""
    query: Any = rows.query.chain(UpdateQuery)  # its stubs do not know the next call
    query.add_update_values(values)
    statement, params = query.get_compiler(connection=connection).as_sql()
    columns = [connection.ops.quote_name(rows.model._meta.get_field(name).column) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {', '.join(columns)}", params)
        return list(cursor.fetchall())
