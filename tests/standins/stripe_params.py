"""Which parameters the Stripe stand-in knows. Any other is refused, as Stripe does; a test fails for a wrong name."""

from __future__ import annotations

import re
from collections.abc import Mapping

_EXPAND = r"expand\[\d+\]"
_METADATA = r"metadata\[[^\]]+\]"
_LINE = r"line_items\[\d+\]"

KNOWN: dict[str, tuple[str, ...]] = {
    "create intent": (
        *("amount", "currency", "confirm", "capture_method", "return_url", "payment_method", "description"),
        *("receipt_email", _METADATA, _EXPAND, r"allowed_payment_method_types\[\d+\]"),
        r"automatic_payment_methods\[(enabled|allow_redirects)\]",
        r"payment_method_data\[type\]",
        r"payment_method_data\[billing_details\]\[(phone|email|name)\]",
    ),
    "list intents": ("limit", "starting_after", r"created\[gte\]", _EXPAND),
    "list sessions": ("limit", "starting_after", "payment_intent", r"created\[gte\]", _EXPAND),
    "list refunds": ("limit", "starting_after", "payment_intent", "charge", _EXPAND),
    "retrieve": (_EXPAND,),
    "capture": ("amount_to_capture", _EXPAND),
    "cancel": ("cancellation_reason", _EXPAND),
    "create method": ("type", r"card\[token\]", _EXPAND),
    "create refund": ("payment_intent", "amount", "reason", _METADATA, _EXPAND),
    "create session": (
        *("mode", "success_url", "cancel_url", "client_reference_id", "customer_email", "expires_at", "currency"),
        *(
            _METADATA,
            _EXPAND,
            r"adaptive_pricing\[enabled\]",
            r"payment_intent_data\[metadata\]\[[^\]]+\]",
            r"payment_intent_data\[description\]",
        ),
        *(rf"{_LINE}\[quantity\]", rf"{_LINE}\[price_data\]\[(currency|unit_amount)\]"),
        rf"{_LINE}\[price_data\]\[product_data\]\[(name|description)\]",
    ),
    "expire": (_EXPAND,),
}


def unknown(doing: str, params: Mapping[str, str]) -> str:
    """The first parameter that is not known, or ''."""
    known = [re.compile(pattern) for pattern in KNOWN[doing]]
    return next((name for name in params if not any(pattern.fullmatch(name) for pattern in known)), "")


def below(prefix: str, params: Mapping[str, str]) -> dict[str, str]:
    """`metadata[a]=1` below "metadata" is {"a": "1"}."""
    inner = re.compile(re.escape(prefix) + r"\[([^\]]+)\]")
    return {found[1]: value for name, value in params.items() if (found := inner.fullmatch(name))}
