"""Roles are groups: given what they may once, and the merchant's to change."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from accounts import roles
from accounts.models import RoleGroup
from accounts.roles import Role

CLERK = Role("clerk", "Clerk", ("orders.view_*", "carts.add_cart"))
WIDER = Role("clerk", "Clerk", ("orders.view_*", "carts.add_cart", "catalog.view_product"))
pytestmark = pytest.mark.django_db


def may(group: Group) -> set[str]:
    return set(group.permissions.values_list("codename", flat=True))


def clerks() -> Group:
    return Group.objects.get(role__key="clerk")


def test_a_role_is_a_group_with_what_its_patterns_name():
    roles.make([CLERK])
    assert clerks().name == "Clerk"
    assert may(clerks()) == {"view_order", "view_orderline", "view_ordernumber", "add_cart"}


def test_a_second_time_changes_nothing():
    assert roles.make([CLERK]) == 4
    assert roles.make([CLERK]) == 0
    assert Group.objects.count() == 1


def test_what_the_merchant_took_away_does_not_come_back():
    roles.make([CLERK])
    clerks().permissions.remove(Permission.objects.get(codename="add_cart"))
    roles.make([CLERK])
    assert "add_cart" not in may(clerks())


def test_what_the_merchant_added_stays():
    roles.make([CLERK])
    clerks().permissions.add(Permission.objects.get(codename="delete_product"))
    roles.make([CLERK])
    assert "delete_product" in may(clerks())


def test_a_later_version_gives_what_is_new_and_nothing_else():
    roles.make([CLERK])
    clerks().permissions.remove(Permission.objects.get(codename="add_cart"))
    assert roles.make([WIDER]) == 1
    assert may(clerks()) == {"view_order", "view_orderline", "view_ordernumber", "view_product"}


def test_a_renamed_group_is_still_the_roles():
    roles.make([CLERK])
    Group.objects.update(name="Front desk")
    roles.make([WIDER])
    assert Group.objects.get().name == "Front desk"
    assert "view_product" in may(clerks())


def test_a_deleted_group_does_not_come_back():
    roles.make([CLERK])
    Group.objects.all().delete()
    assert roles.make([WIDER]) == 0
    assert not Group.objects.exists()
    assert roles.group_of(CLERK) is None


def test_a_group_of_that_name_that_was_there_before_keeps_what_it_had():
    Group.objects.create(name="Clerk").permissions.add(Permission.objects.get(codename="delete_product"))
    roles.make([CLERK])
    assert {"delete_product", "add_cart"} <= may(clerks())
    assert RoleGroup.objects.get().group == Group.objects.get()
