"""Who sells: this shop's checkout, a payment link of it, another shop. The steps are the same for all of them.

A purchase is a session with whoever sells: goods are chosen, the person is filled in, it is quoted, and then completed
once. A face for another protocol drives the same verbs.
"""

from __future__ import annotations

from typing import Any, Protocol

from purchases import elsewhere, own_links, own_shop
from purchases.models import Purchase
from purchases.resolving import OtherShop, OwnPaymentLink, OwnProduct, OwnRecoveryLink
from purchases.services import Sold
from purchases.told import UserData


class Seller(Protocol):
    """Each verb may be called again after a crash and then changes nothing more; each raises Refused, DomainError."""

    def choose(self, purchase: Purchase, user_data: UserData) -> None:
        """Which goods, how many: written into `known`; the step is done."""

    def fill(self, purchase: Purchase, user_data: UserData) -> None:
        """Who and where: there is a checkout now; the step is done."""

    def quote(self, purchase: Purchase) -> tuple[int, str]:
        """What it comes to: minor units, currency."""

    def pay(self, purchase: Purchase) -> Sold:
        """Completes it for what was quoted, once. Raises DomainError(BUSY) where nobody knows yet."""

    def outcome(self, purchase: Purchase) -> Sold | None:
        """What it came to, asked anew; None: nothing was bought, and never will be, once the money held is given back.

        Raises DomainError(BUSY) where nobody knows yet, Refused where that is for good.
        """

    def clear_away(self, purchase: Purchase) -> None:
        """Of a failed one: what it left behind holds nothing and reminds nobody."""


_SELLERS: dict[str, Seller] = {
    own_shop.KIND: own_shop.OwnShop(),
    own_links.PAYMENT: own_links.PaymentLinkSeller(),
    own_links.RECOVERY: own_links.RecoveryLinkSeller(),
    elsewhere.KIND: elsewhere.Elsewhere(),
}


def seller_of(purchase: Purchase) -> Seller:
    return _SELLERS[purchase.known["seller"]]


def known_of(found: OwnProduct | OwnPaymentLink | OwnRecoveryLink | OtherShop) -> tuple[str, dict[str, Any]]:
    """What was found at the address: a note for the timeline, and what the next steps know. Raises Refused."""
    if isinstance(found, OwnProduct):
        known = {"seller": own_shop.KIND, "product_id": found.product_id, "variant_id": found.variant_id}
        return f"Product {found.product_id} of this shop.", known
    if isinstance(found, OwnPaymentLink):
        return "A payment link of this shop.", {"seller": own_links.PAYMENT}
    if isinstance(found, OwnRecoveryLink):
        return "A recovery link of this shop.", {"seller": own_links.RECOVERY}
    return elsewhere.known_of(found)
