"""Texts that nobody reads in the database: encrypted under a key that is made from SECRET_KEY."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotOpen(Exception):
    """It was sealed under another SECRET_KEY, or changed since."""


def seal(text: str) -> str:
    return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()


def opened(sealed: str) -> str:
    """Raises CannotOpen."""
    try:
        return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen from error


@lru_cache(maxsize=4)
def _box(*secrets: str) -> MultiFernet:
    """Seals under the first, opens under each."""
    return MultiFernet([Fernet(_key_from(secret)) for secret in secrets])


def _key_from(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"common.sealed").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
