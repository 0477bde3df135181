"""The connection to PayPal that the settings describe."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings

if TYPE_CHECKING:
    from payments.gateways.paypal_transport import PayPalTransport

_lock = threading.Lock()
_transports: dict[tuple[object, ...], PayPalTransport] = {}


def transport() -> PayPalTransport:
    """One for all threads of the process; the SDK is loaded when PayPal is first needed."""
    from payments.gateways.paypal_transport import PayPalTransport

    described = (
        settings.PAYPAL_CLIENT_ID,
        settings.PAYPAL_CLIENT_SECRET,
        settings.PAYPAL_API_BASE,
        settings.PAYPAL_TIMEOUT,
    )
    with _lock:
        if described not in _transports:
            client_id, client_secret, endpoint, timeout = described
            _transports[described] = PayPalTransport(
                client_id=client_id, client_secret=client_secret, endpoint=endpoint, timeout=timeout
            )
        return _transports[described]


def path(kind: str, identifier: str, verb: str = "") -> str:
    """("v2/checkout/orders", "5O1", "capture") -> v2/checkout/orders/5O1/capture, whatever the identifier holds."""
    return f"{kind}/{quote(identifier, safe='')}" + (f"/{verb}" if verb else "")
