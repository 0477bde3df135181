"""Path converters."""

from __future__ import annotations

from uuid import UUID

from django.urls import register_converter


class IdConverter:
    """A whole number that a database id can be; anything else is an unknown path (404), never an overflow."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class IdOrUUIDConverter:
    """A row by its database id or by its public one."""

    regex = "(?:[0-9]{1,18}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"

    def to_python(self, value: str) -> int | UUID:
        return UUID(value) if "-" in value else int(value)

    def to_url(self, value: int | UUID) -> str:
        return str(value)


register_converter(IdConverter, "id")
register_converter(IdOrUUIDConverter, "id_or_uuid")
