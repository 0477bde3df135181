"""What staff did, in Django's own log of it: one sentence, and where something changed, how it was before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from accounts.models import User
from common.presses import pressed_at

_NAME_LENGTH = 200


def note(row: Model, by: User, sentence: str, *, before: str = "", after: str = "") -> None:
    """In the caller's transaction: the act and the word of it stand or fall together."""
    words = [sentence]
    if before or after:
        words += [f"Before: {before or '-'}.", f"After: {after or '-'}."]
    _entry(row, by, " ".join(words)).save()


def note_many(sentences: Mapping[Any, str], by: User) -> None:
    """{row: sentence}, in one statement."""
    LogEntry.objects.bulk_create(_entry(row, by, sentence) for row, sentence in sentences.items())


def _entry(row: Model, by: User, sentence: str) -> LogEntry:
    return LogEntry(
        action_time=pressed_at(),
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:_NAME_LENGTH],
        action_flag=CHANGE,
        change_message=sentence,
    )


def note_on_list(model: type[Model], by: User, sentence: str) -> None:
    """Of an act on a list as a whole."""
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=str(model._meta.verbose_name_plural)[:_NAME_LENGTH],
        action_flag=CHANGE,
        change_message=sentence,
    )


def notes_on(row: Model) -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))


def is_noted(row: Model, sentence: str) -> bool:
    """Of an act that can be done to a row once. Needs a lock to mean anything."""
    return notes_on(row).filter(change_message__startswith=sentence).exists()
