"""Which gateway plays which provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings

from common.errors import DomainError, ErrorCode
from payments.gateways.balance import BalanceGateway
from payments.gateways.base import Gateway
from payments.gateways.counted import CountedGateway
from payments.gateways.test import TestGateway

PROVIDERS = ("stripe", "mobilepay", "paypal")  # as shoppers and API callers name them
TEST = "test"
BALANCE = "balance"  # never on offer: the purchase API pays with it, from what it has set aside
LABELS = {
    "stripe": "Card",
    "mobilepay": "MobilePay",
    "paypal": "PayPal",
    "test": "Test payment",
    BALANCE: "Prepaid balance",
}
GATEWAY_NAMES = {  # as merchants know them
    "stripe": "Stripe",
    "paypal": "PayPal",
    "paypal_capture": "PayPal",
    "unverified": "PayPal by hand",
    TEST: "the test gateway",
    BALANCE: "the prepaid balances",
}

_GATEWAYS: dict[str, Gateway] = {TEST: TestGateway(), BALANCE: BalanceGateway()}


@dataclass(frozen=True)
class Adapter:
    """A real gateway: its name in `_GATEWAYS`' manner, how it is built, and whether its keys are set."""

    gateway: str
    build: Callable[[], Gateway]
    has_keys: Callable[[], bool]


def _stripe() -> Gateway:
    from payments.gateways.stripe import StripeGateway

    return StripeGateway(settings.STRIPE_SECRET_KEY, api_base=settings.STRIPE_API_BASE, timeout=settings.STRIPE_TIMEOUT)


_STRIPE = Adapter("stripe", _stripe, has_keys=lambda: bool(settings.STRIPE_SECRET_KEY))


def _paypal() -> Gateway:
    from payments.gateways.paypal import PayPalGateway

    return PayPalGateway()


_PAYPAL = Adapter("paypal", _paypal, has_keys=lambda: bool(settings.PAYPAL_CLIENT_ID and settings.PAYPAL_CLIENT_SECRET))
# provider -> who plays it when its keys are set; a gateway's SDK loads in `build`
_ADAPTERS: dict[str, Adapter] = {"stripe": _STRIPE, "mobilepay": _STRIPE, "paypal": _PAYPAL}


def _paypal_capture() -> Gateway:
    from payments.gateways.reported import PayPalCaptureGateway

    return PayPalCaptureGateway()


def _unverified() -> Gateway:
    from payments.gateways.reported import UnverifiedGateway

    return UnverifiedGateway()


# Who vouches for money that others report: the first whose keys are set.
UNVERIFIED = "unverified"
_REPORTED = (
    Adapter("paypal_capture", _paypal_capture, has_keys=_PAYPAL.has_keys),
    Adapter(UNVERIFIED, _unverified, has_keys=lambda: True),
)


def providers_on_offer() -> tuple[str, ...]:
    """All of them in the demo, `test` too. A real shop offers those whose keys are set: a simulated payment must
    never give its goods away.
    """
    if settings.DEMO:
        return (*PROVIDERS, TEST)
    return tuple(provider for provider in PROVIDERS if _ADAPTERS[provider].has_keys())


def gateway_name_for(provider: str) -> str:
    """Who plays the provider now. In the demo without its keys it is `test`; pages and answers say so.

    Raises DomainError(PAYMENT_PROVIDER_UNKNOWN).
    """
    if provider == BALANCE:
        return BALANCE
    if provider not in providers_on_offer():
        raise DomainError(ErrorCode.PAYMENT_PROVIDER_UNKNOWN, provider=provider)
    adapter = _ADAPTERS.get(provider)
    return adapter.gateway if adapter and adapter.has_keys() else TEST


def gateway_name_for_reports() -> str:
    """Who vouches now for a PayPal capture that others report; `unverified` without PayPal's keys."""
    return next(adapter.gateway for adapter in _REPORTED if adapter.has_keys())


def gateway(name: str) -> Gateway:
    """The gateway of that name, built at its first use; its calls are counted."""
    if name not in _GATEWAYS:
        adapter = next(adapter for adapter in (*_ADAPTERS.values(), *_REPORTED) if adapter.gateway == name)
        _GATEWAYS[name] = adapter.build()
    return cast(Gateway, CountedGateway(name, _GATEWAYS[name]))
