"""The same mails, told apart in another way: by step, template, code, week or sequence."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from django.db.models import TextChoices

from analytics.credits import Kind, Results


class Cut(TextChoices):
    STEP = "step", "step"
    TEMPLATE = "template", "template"  # a step's text in one language
    CODE = "code", "code"
    WEEK = "week", "week"
    SEQUENCE = "sequence", "sequence"


_GROUP: dict[str, Callable[[Kind], tuple[Hashable, ...]]] = {
    Cut.STEP: lambda kind: (kind.sequence, kind.step),
    Cut.TEMPLATE: lambda kind: (kind.sequence, kind.step, kind.language),
    Cut.CODE: lambda kind: (kind.code,),
    Cut.WEEK: lambda kind: (kind.week,),
    Cut.SEQUENCE: lambda kind: (kind.sequence,),
}


def cut(found: Mapping[Kind, Results], by: str) -> list[tuple[Kind, Results]]:
    """One line a group, each with a Kind that stands for the group: of its fields those count that make the group."""
    lines: dict[tuple[Hashable, ...], tuple[Kind, Results]] = {}
    for kind, results in found.items():
        key = _GROUP[by](kind)
        first, sums = lines.get(key, (kind, Results()))
        lines[key] = first, sums + results
    return list(lines.values())


def whole(found: Mapping[Kind, Results]) -> Results:
    return sum(found.values(), start=Results())
