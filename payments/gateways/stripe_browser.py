"""What Stripe's own script needs in the shopper's browser. No card number ever comes to us: the script sends it to
Stripe, and our form gets a payment method's id instead."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from payments.gateways import registry
from payments.gateways.base import GatewayRefused
from payments.gateways.stripe_words import to_stripe

# docs.stripe.com/security/guide, "Content security policy"
_STRIPES_OWN = {
    "script-src": ("https://js.stripe.com", "https://*.js.stripe.com"),
    "frame-src": ("https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"),
    "connect-src": ("https://api.stripe.com",),
}


@dataclass(frozen=True)
class CardForm:
    """Stripe's card form in a page of ours. `amount`: in Stripe's units, None where the page says it elsewhere."""

    script_url: str
    publishable_key: str
    currency: str
    amount: int | None = None


def takes_cards() -> bool:
    """Whether cards are charged by Stripe itself."""
    return "stripe" in registry.providers_on_offer() and registry.gateway_name_for("stripe") != registry.TEST


def card_form(currency: str, amount: int | None = None) -> CardForm | None:
    """`amount`: what is owed, in our minor units. None where there is no card form: cards are then simulated, or taken
    on Stripe's hosted page."""
    if not takes_cards() or not settings.STRIPE_PUBLISHABLE_KEY:
        return None
    theirs = None if amount is None else amount_for(amount, currency)
    return CardForm(settings.STRIPE_JS_URL, settings.STRIPE_PUBLISHABLE_KEY, currency.lower(), theirs)


def amount_for(amount: int, currency: str) -> int | None:
    """In Stripe's units; None for what it cannot charge."""
    try:
        return to_stripe(amount, currency)
    except GatewayRefused:
        return None


def content_policy() -> dict[str, list[str]]:
    """What the Content-Security-Policy of a page with the card form allows beside everything else."""
    parts = urlsplit(settings.STRIPE_JS_URL)
    origin = f"{parts.scheme}://{parts.netloc}"
    is_stripes_own = parts.hostname == "js.stripe.com"
    wanted = _STRIPES_OWN if is_stripes_own else dict.fromkeys(_STRIPES_OWN, (origin,))
    return {directive: ["'self'", *origins] for directive, origins in wanted.items()}
