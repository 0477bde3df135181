"""What gateways' events tell, whichever gateway sent them. No event is believed: it says whom to ask about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, cast

from common.cards import blotted
from payments.gateways import paypal_webhooks, registry, stripe_webhooks
from payments.gateways.base import Hint, Tracing

Json = dict[str, Any]


@dataclass(frozen=True)
class _Sender:
    read: Callable[[Json], Hint]
    gateways: tuple[str, ...]  # whose payments its events may be about


_SENDERS = {
    "stripe": _Sender(stripe_webhooks.hint_of, ("stripe",)),
    "paypal": _Sender(paypal_webhooks.hint_of, ("paypal", "paypal_capture")),
}
SENDERS = tuple(_SENDERS)
_SECRETS = ("client_secret",)  # with it and the publishable key anybody could go on with the payment


def hint_of(sender: str, raw: Json) -> Hint:
    return _SENDERS[sender].read(raw)


def gateways_of(sender: str) -> tuple[str, ...]:
    return _SENDERS[sender].gateways


def followed(sender: str, hint: Hint) -> Hint:
    """The hint with what the gateway itself tells of its trail. Raises GatewayUnavailable."""
    if not hint.trail:
        return hint
    traced = cast(Tracing, registry.gateway(sender)).trace(hint.trail)
    return replace(hint, reference=traced.reference or hint.reference, parts=hint.parts + traced.parts, key=traced.key)


def storable(value: Any) -> Any:
    """An event's JSON without secrets and card data, and without what a database cannot hold: NUL, half a surrogate
    pair, NaN."""
    return _plain(blotted(value))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_plain(name): _plain(inner) for name, inner in value.items() if name not in _SECRETS}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode().replace("\x00", "\ufffd")
    return None if isinstance(value, float) and not isfinite(value) else value
