"""The proof that somebody agreed to be reminded: to which words, when, from where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from recovery.models import Consent

_GIVEN = ("person", "hint", "text_version", "text", "network", "source")


def give(agreed: Mapping[str, str], *, at: datetime) -> None:
    """`agreed`: person (the address's digest), hint, text_version, text, network, source. A repeat changes nothing."""
    values = {name: agreed.get(name, "") for name in _GIVEN}
    Consent.objects.get_or_create(person=values.pop("person"), given_at=at, defaults=values)
