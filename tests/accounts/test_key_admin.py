"""API keys in the merchant's pages."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts import keys
from accounts.models import ApiKey, Scope
from tests.admin_forms import filled_in
from tests.admin_rows import staff_with

ADD = reverse("admin:accounts_apikey_add")
LIST = reverse("admin:accounts_apikey_changelist")
SECRET = re.compile(r'<code id="secret"[^>]*>([^<]+)</code>')


def choose(client, action: str, *chosen: ApiKey):
    return client.post(LIST, {"action": action, "_selected_action": [key.pk for key in chosen]})


@pytest.fixture
def key(db) -> ApiKey:
    return keys.create(name="The other shop", scope=Scope.TRACKER)[0]


def test_a_new_keys_secret_is_shown_once(admin_client, admin_user):
    answer = admin_client.post(ADD, filled_in(admin_client, ADD, name="The other shop", scope="tracker"))
    (secret,) = SECRET.findall(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    key = ApiKey.objects.get()
    assert keys.find(secret, scope=Scope.TRACKER) == key
    assert key.created_by == admin_user.get_username()
    for page in (LIST, reverse("admin:accounts_apikey_change", args=[key.pk])):
        html = admin_client.get(page).content.decode()
        assert key.prefix in html
        assert secret not in html


def test_a_key_without_a_name_is_not_made(admin_client):
    answer = admin_client.post(ADD, {"name": "", "scope": "tracker"})
    assert answer.context["adminform"].form.errors["name"]
    assert not ApiKey.objects.exists()


def test_a_rotated_keys_secret_is_shown_once(admin_client, key):
    answer = choose(admin_client, "rotate_selected", key)
    (secret,) = SECRET.findall(answer.content.decode())
    assert keys.find(secret, scope=Scope.TRACKER) == key
    assert LogEntry.objects.get().get_change_message() == "Rotated."


def test_several_at_once_or_a_revoked_one_are_not_rotated(admin_client, key):
    other, secret = keys.create(name="Another", scope=Scope.TRACKER)
    assert choose(admin_client, "rotate_selected", key, other).status_code == 302
    assert keys.find(secret, scope=Scope.TRACKER) == other
    keys.revoke(other.pk)
    assert choose(admin_client, "rotate_selected", other).status_code == 302


def test_keys_are_revoked_and_stay_listed(admin_client, key):
    choose(admin_client, "revoke_selected", key)
    key.refresh_from_db()
    assert key.is_revoked
    assert "revoked" in admin_client.get(LIST).content.decode()


def test_a_key_may_be_renamed_and_keeps_its_secret_and_scope(admin_client, key):
    address = reverse("admin:accounts_apikey_change", args=[key.pk])
    admin_client.post(address, {"name": "New name", "scope": "elsewhere", "secret_hash": "0" * 64})
    changed = ApiKey.objects.get()
    assert (changed.name, changed.scope, changed.secret_hash) == ("New name", "tracker", key.secret_hash)


def test_nobody_deletes_a_key(admin_client, key):
    assert admin_client.post(reverse("admin:accounts_apikey_delete", args=[key.pk]), {"post": "yes"}).status_code == 403


def test_staff_that_may_only_look_neither_makes_nor_rotates_nor_revokes(client, key):
    client.force_login(staff_with("accounts.view_apikey"))
    assert client.get(LIST).status_code == 200
    assert client.get(ADD).status_code == 403
    for action in ("rotate_selected", "revoke_selected"):
        choose(client, action, key)
    assert ApiKey.objects.get().secret_hash == key.secret_hash
    assert not ApiKey.objects.get().is_revoked
