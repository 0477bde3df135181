"""Tokens that are capabilities: whoever has one may do what it is for. Only their digests are kept."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32  # 256 bits


def new_token() -> str:
    return secrets.token_urlsafe(_BYTES)


def digest_of(token: str) -> str:
    """What is kept of a token: 64 hex digits. Whatever somebody typed has one, so that looking it up tells nothing."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
