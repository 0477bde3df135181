"""Roles as groups that a merchant may change: what the system gives them it gives once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission

from accounts.models import RoleGroup
from common.transactions import in_transaction


@dataclass(frozen=True)
class Role:
    """`may`: patterns of permissions, like `orders.view_*`."""

    key: str
    title: str
    may: tuple[str, ...]


@in_transaction
def make(roles: Iterable[Role]) -> int:
    """Each role's group, with the permissions that it has not been given yet. How many were given.

    Safe to run again: a permission that a merchant took away is not given a second time, one that they added stays, a
    renamed group is still the role's, and one that they deleted does not come back.
    """
    known = {_name_of(permission): permission for permission in Permission.objects.select_related("content_type")}
    return sum(_give(role, known) for role in roles)


def group_of(role: Role) -> Group | None:
    """None before `make`, and where the merchant has deleted it."""
    return Group.objects.filter(role__key=role.key).first()


def _name_of(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def _give(role: Role, known: dict[str, Permission]) -> int:
    row = RoleGroup.objects.select_for_update().filter(key=role.key).first() or _new(role)
    if row.group is None:
        return 0
    wanted = (name for name in known if any(fnmatchcase(name, pattern) for pattern in role.may))
    fresh = sorted(set(wanted) - set(row.given))
    if fresh:
        row.group.permissions.add(*(known[name] for name in fresh))
        row.given = [*row.given, *fresh]
        row.save(update_fields=["given"])
    return len(fresh)


def _new(role: Role) -> RoleGroup:
    """A group of that name that the merchant has made is taken over as it is, and given what it lacks."""
    group, _ = Group.objects.get_or_create(name=role.title)
    return RoleGroup.objects.create(key=role.key, group=group)
