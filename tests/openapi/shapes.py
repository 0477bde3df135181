"""The document's schemas as strict JSON Schema: OpenAPI 3.0's `nullable` put right, unknown properties refused."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


def validator(document: dict[str, Any], schema: dict[str, Any], *, exact: bool = True) -> Draft202012Validator:
    """`exact` refuses properties that the schema neither names nor allows: right for answers, not for requests."""
    return Draft202012Validator(_plain(document, schema, exact), format_checker=FormatChecker())


def _plain(document: dict[str, Any], schema: Any, exact: bool) -> Any:
    if isinstance(schema, list):
        return [_plain(document, one, exact) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], exact)
    plain = {name: _plain(document, value, exact) for name, value in schema.items() if name != "nullable"}
    if exact and "properties" in plain:
        plain.setdefault("additionalProperties", False)
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain
