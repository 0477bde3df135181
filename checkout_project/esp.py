"""`EMAIL_URL=anymail+postmark://KEY`: mail by a provider's API instead of SMTP (django-anymail).

Further settings of that provider go behind a question mark, under anymail's own names without the provider's:
`anymail+mailgun://KEY?sender_domain=mg.shop.example&webhook_signing_key=...`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEME = "anymail+"
# Those whose events say whether an address is gone for good (recovery.api.mail_events). Which setting the key is.
KEY_NAMES = {
    "brevo": "API_KEY",
    "mailgun": "API_KEY",
    "postmark": "SERVER_TOKEN",
}


def name_in(url: str) -> str:
    """'' where mail goes another way. Raises ImproperlyConfigured for a provider that is not known."""
    scheme = urlsplit(url).scheme
    if not scheme.startswith(SCHEME):
        return ""
    name = scheme.removeprefix(SCHEME)
    if name not in KEY_NAMES:
        raise ImproperlyConfigured(f"EMAIL_URL: anymail+ goes with {', '.join(KEY_NAMES)}, not with {name!r}.")
    return name


def settings_of(url: str, *, timeout: int) -> dict[str, Any]:
    """What Django and anymail need to send by the provider that `url` names. Raises ImproperlyConfigured."""
    name = name_in(url)
    parts = urlsplit(url)
    key = unquote(parts.netloc)
    if not key:
        raise ImproperlyConfigured(f"EMAIL_URL: anymail+{name}:// needs the provider's key behind it.")
    own = {KEY_NAMES[name]: key} | {option.upper(): value for option, value in parse_qsl(parts.query)}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{name}.EmailBackend",
        "ANYMAIL": {f"{name.upper()}_{option}": value for option, value in own.items()}
        | {
            "REQUESTS_TIMEOUT": timeout,
            # Who opened or clicked is nobody else's to count; a provider that cannot be told so does not do it.
            "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
            "IGNORE_UNSUPPORTED_FEATURES": True,
        },
    }
