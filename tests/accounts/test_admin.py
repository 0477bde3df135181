from __future__ import annotations

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import User
from tests.admin_forms import errors_of, filled_in
from tests.admin_rows import staff_with

USERS = ("accounts.view_user", "accounts.add_user", "accounts.change_user", "accounts.delete_user")


def page(user: User, what: str = "change") -> str:
    if what == "password":
        return reverse("admin:auth_user_password_change", args=[user.pk])
    return reverse(f"admin:accounts_user_{what}", args=[user.pk])


def test_a_superuser_makes_a_member_of_staff(admin_client, db):
    address = reverse("admin:accounts_user_add")
    password = {"password1": "a-long-secret-7", "password2": "a-long-secret-7", "usable_password": "true"}
    assert errors_of(admin_client.post(address, filled_in(admin_client, address, username="kim", **password))) == ""
    kim = User.objects.get(username="kim")
    assert errors_of(admin_client.post(page(kim), filled_in(admin_client, page(kim), is_staff="on"))) == ""
    kim.refresh_from_db()
    assert kim.is_staff
    assert kim.check_password("a-long-secret-7")


def test_staff_cannot_give_itself_more_power(client, db):
    staff = staff_with(*USERS)
    client.force_login(staff)
    data = filled_in(client, page(staff), is_superuser="on", first_name="Kim")
    assert errors_of(client.post(page(staff), data)) == ""
    staff.refresh_from_db()
    assert (staff.first_name, staff.is_superuser) == ("Kim", False)


def test_staff_cannot_take_over_who_may_more(client, db):
    owner, manager = User.objects.create_superuser("owner"), staff_with("orders.view_order")
    client.force_login(staff_with(*USERS))
    for user in (owner, manager):
        for what in ("change", "delete", "password"):
            assert client.post(page(user, what), {"post": "yes"}).status_code == 403, (user, what)
    chosen = {"action": "delete_selected", "_selected_action": [owner.pk, manager.pk], "post": "yes"}
    client.post(reverse("admin:accounts_user_changelist"), chosen)
    assert User.objects.filter(pk__in=[owner.pk, manager.pk]).count() == 2


def test_groups_are_a_superusers_to_change(client, admin_client, db):
    group = Group.objects.create(name="Support")
    client.force_login(staff_with("auth.view_group", "auth.change_group"))
    address = reverse("admin:auth_group_change", args=[group.pk])
    assert client.post(address, {"name": "Owners"}).status_code == 403
    assert errors_of(admin_client.post(address, {"name": "Helpers"})) == ""


def test_deleting_a_failed_sign_in_lets_its_owner_in_again(client, admin_client, db, settings):
    User.objects.create_superuser("merchant", password="right-password")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(reverse("admin:login"), {"username": "merchant", "password": "wrong"})
    right = {"username": "merchant", "password": "right-password"}
    assert client.post(reverse("admin:login"), right).status_code == 429
    for attempt in AccessAttempt.objects.all():
        admin_client.post(reverse("admin:axes_accessattempt_delete", args=[attempt.pk]), {"post": "yes"})
    assert client.post(reverse("admin:login"), right).status_code == 302


def test_failed_sign_ins_are_found_by_name_and_address(admin_client, db):
    here = AccessAttempt.objects.create(username="kim", ip_address="10.0.0.1", failures_since_start=1)
    AccessAttempt.objects.create(username="lea", ip_address="10.0.0.2", failures_since_start=1)
    for term in ("kim", "10.0.0.1"):
        found = admin_client.get(reverse("admin:axes_accessattempt_changelist"), {"q": term}).context["cl"].result_list
        assert list(found) == [here], term
