"""Keys that programs show: found by their digest, noted when used, refused once they are rotated or revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, Scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> tuple[ApiKey, str]:
    return keys.create(name="The other shop", scope=Scope.TRACKER, created_by="merchant")


def test_a_key_is_found_by_its_secret_in_one_query(made, django_assert_num_queries):
    key, secret = made
    ApiKey.objects.update(last_used_at=timezone.now())
    with django_assert_num_queries(1):
        assert keys.find(secret, scope=Scope.TRACKER) == key


def test_a_secret_is_256_random_bits_and_kept_nowhere(made):
    key, secret = made
    assert len(secret.removeprefix(keys.BEGINS_WITH)) == 43
    assert secret.startswith(key.prefix)
    kept = [str(value) for value in ApiKey.objects.values_list().get()]
    assert not any(secret in value for value in kept)
    assert keys.create(name="Another", scope=Scope.TRACKER)[1] != secret


@pytest.mark.parametrize("odd", ["", " ", "nonsense", "key_", "k" * 5000, "\x00", "é", "\ud800"])
def test_what_is_no_secret_finds_nothing(made, odd):
    assert keys.find(odd, scope=Scope.TRACKER) is None


def test_neither_its_beginning_nor_its_digest_opens_anything(made):
    key, secret = made
    for part in (key.prefix, key.secret_hash, secret[:-1], secret + "a", secret.swapcase()):
        assert keys.find(part, scope=Scope.TRACKER) is None


def test_a_key_of_another_api_opens_nothing_here(made):
    key, secret = made
    ApiKey.objects.update(scope="elsewhere")
    assert keys.find(secret, scope=Scope.TRACKER) is None


def test_a_revoked_key_is_refused_and_stays_so(made):
    key, secret = made
    assert keys.revoke(key.pk) == 1
    assert keys.revoke(key.pk) == 0
    assert keys.find(secret, scope=Scope.TRACKER) is None
    key.refresh_from_db()
    assert keys.find(keys.rotate(key), scope=Scope.TRACKER) is None


def test_rotating_gives_another_secret_to_the_same_key(made):
    key, old = made
    new = keys.rotate(key)
    assert keys.find(old, scope=Scope.TRACKER) is None
    assert keys.find(new, scope=Scope.TRACKER) == key


def test_its_use_is_noted_at_most_once_a_minute(made, django_assert_num_queries):
    key, secret = made
    keys.find(secret, scope=Scope.TRACKER)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        keys.find(secret, scope=Scope.TRACKER)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
    keys.find(secret, scope=Scope.TRACKER)
    assert ApiKey.objects.get().last_used_at >= first


def test_two_secrets_are_compared_by_digest_in_constant_time(monkeypatch):
    compared = []
    real = keys.secrets.compare_digest
    monkeypatch.setattr(keys.secrets, "compare_digest", lambda *pair: compared.append(pair) or real(*pair))
    assert keys.is_same("a secret", "a secret")
    assert not keys.is_same("a secret", "another, longer secret")
    assert len(compared) == 2
    assert {len(text) for pair in compared for text in pair} == {64}
