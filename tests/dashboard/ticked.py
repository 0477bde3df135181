"""Staff at a list: rows are ticked, an act is chosen, the page asks, and then it is done."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Model
from django.urls import reverse

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def list_of(row: Model | type[Model], what: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=args)


def ask(client: Any, action: str, *rows: Model, query: str = "") -> Any:
    """The page that asks."""
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], "index": "0"}
    return client.post(list_of(rows[0]) + query, chosen)


def confirmation(answer: Any, *rows: Model) -> dict[str, object]:
    """What that page sends when its button is pressed."""
    typed: dict[str, object] = dict(HIDDEN.findall(answer.content.decode()))
    return typed | {"_selected_action": [row.pk for row in rows]}


def confirm(client: Any, typed: dict[str, object], row: Model) -> str:
    """The list afterwards."""
    return client.post(list_of(row), typed, follow=True).content.decode()


def choose(client: Any, action: str, *rows: Model) -> str:
    """Asked and confirmed: the list afterwards."""
    return confirm(client, confirmation(ask(client, action, *rows), *rows), rows[0])


def listed(client: Any, model: type[Model], **query: object) -> list[Any]:
    return list(client.get(list_of(model), query).context["cl"].result_list)
