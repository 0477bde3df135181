"""The address of a payment link: made anew whenever it is shown, kept nowhere.

What is kept is a random salt. The token is its keyed digest under SECRET_KEY, so that a copy of the database pays
nothing and shows nobody's page, while the link can still be shown again to those who may see it. It is found by a
digest of the token.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings
from django.utils.crypto import salted_hmac


def new_salt() -> str:
    """64 hex digits, 256 random bits."""
    return secrets.token_hex(32)


def token_of(salt: str) -> str:
    """43 characters, 256 bits, the same for the same salt as long as SECRET_KEY is."""
    digest = salted_hmac("common.pay_links", salt, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def digest_of(token: str) -> str:
    """What is kept of a token: 64 hex digits. Whatever somebody typed has one."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def address_of(salt: str) -> str:
    return f"{settings.BASE_URL}/pay/{token_of(salt)}"
