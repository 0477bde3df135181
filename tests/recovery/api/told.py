"""What mail providers send to the webhook, each in its own form, and how they show that it is they."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import Any

AT = "/api/webhooks/mail"
SECRET = "provider:a secret that is long enough"
SIGNING_KEY = "mailgun's own signing key"


def authorization(secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}


def open_webhook(settings: Any, esp: str = "postmark") -> None:
    settings.EMAIL_ESP, settings.EMAIL_WEBHOOK_SECRET = esp, SECRET
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}


def postmark(kind: str, email: str, *, record: str = "Bounce") -> dict[str, Any]:
    return {"RecordType": record, "Type": kind, "ID": 1, "Email": email, "BouncedAt": "2025-05-24T10:30:00Z"}


def brevo(event: str, email: str) -> dict[str, Any]:
    return {"event": event, "email": email, "id": 1, "ts_epoch": 1748082600000, "message-id": "<1@x>"}


def mailgun(event: str, email: str, **more: str) -> dict[str, Any]:
    signature = hmac.new(SIGNING_KEY.encode(), b"1748082600token", hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": "1748082600", "token": "token", "signature": signature},
        "event-data": {
            "event": event, "recipient": email, "id": "1", "timestamp": 1748082600.0,
            "message": {"headers": {}}, "user-variables": {}, "tags": [], **more,
        },
    }  # fmt: skip
