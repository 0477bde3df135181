"""API keys: made, shown once, looked up by their digest, rotated, revoked.

A secret is 256 random bits, so a plain digest tells nobody anything, and the look-up is one indexed query.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta

from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey, Scope

BEGINS_WITH = "key_"
_SECRET_BYTES = 32
_PREFIX_LENGTH = 10
_MAX_SECRET = 200
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


def create(*, name: str, scope: Scope, created_by: str = "") -> tuple[ApiKey, str]:
    """A new key, and its secret: the only time that it is known."""
    key = ApiKey(name=name, scope=scope, created_by=created_by)
    return key, give_secret(key)


def with_secret(secret: str, *, name: str, scope: Scope) -> ApiKey:
    """The key with a secret that somebody else chose (the demo's), made where there is none."""
    known = {"name": name, "scope": scope, "prefix": secret[: min(_PREFIX_LENGTH, len(secret) // 2)]}
    return ApiKey.objects.get_or_create(secret_hash=digest(secret), defaults=known)[0]


def rotate(key: ApiKey) -> str:
    """Another secret for the same key; the old one is refused from now on. A revoked key stays revoked."""
    key.rotated_at = timezone.now()
    return give_secret(key)


def give_secret(key: ApiKey) -> str:
    """Saves the key, new or not, with a fresh secret, and answers it."""
    secret = BEGINS_WITH + secrets.token_urlsafe(_SECRET_BYTES)
    key.prefix, key.secret_hash = secret[:_PREFIX_LENGTH], digest(secret)
    key.save()
    return secret


def revoke(*key_ids: int) -> int:
    """Answers how many were not revoked before."""
    return ApiKey.objects.filter(pk__in=key_ids, revoked_at__isnull=True).update(revoked_at=timezone.now())


def find(secret: str, *, scope: Scope) -> ApiKey | None:
    """The key with this secret that opens this API, if it is not revoked. Its use is noted, at most once a minute."""
    if not 0 < len(secret) <= _MAX_SECRET:
        return None
    key = ApiKey.objects.filter(secret_hash=digest(secret)).first()
    if key is None or key.is_revoked or key.scope != scope:
        return None
    _note_use(key)
    return key


def is_same(given: str, expected: str) -> bool:
    """In a time that says nothing of where they differ, nor of how long they are."""
    return secrets.compare_digest(digest(given), digest(expected))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is not None and key.last_used_at > now - _USE_IS_NOTED_EVERY:
        return
    not_just_now = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _USE_IS_NOTED_EVERY)
    with suppress(OperationalError):  # a busy database: the next call notes it
        ApiKey.objects.filter(not_just_now, pk=key.pk).update(last_used_at=now)
