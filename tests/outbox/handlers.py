"""Handlers that only tests know: they note their calls, and fail when they are told to."""

from __future__ import annotations

from typing import Any

from celery import shared_task

CALLS: list[tuple[str, int, dict[str, Any]]] = []
FAILING: set[str] = set()
SAID: dict[str, str] = {}


@shared_task(name="tests.note")
def note(event_id: int, payload: dict[str, Any]) -> str:
    CALLS.append(("note", event_id, payload))
    if "note" in FAILING:
        raise RuntimeError("the mail server is away")
    return SAID.get("note", "")


@shared_task(name="tests.also_note")
def also_note(event_id: int, payload: dict[str, Any]) -> None:
    CALLS.append(("also_note", event_id, payload))


HANDLERS = {
    "order.placed": ("tests.note", "tests.also_note"),
    "order.unknown_task": ("tests.is_not_there",),
}
