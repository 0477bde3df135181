"""Where we may send a shopper because a caller said so."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings


def is_allowed(url: str) -> bool:
    """BASE_URL's own origin or any https address; where REDIRECT_HOSTS is set, only those. No credentials in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "\\" in url or any(ord(character) <= 32 for character in url):
        return False
    is_ours = f"{parts.scheme}://{parts.netloc}".lower() == settings.BASE_URL.lower()
    hosts = settings.REDIRECT_HOSTS
    is_named = not hosts or host in hosts or parts.netloc in hosts
    return is_named and (is_ours or parts.scheme == "https")
