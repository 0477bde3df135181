"""What a recovery link leads to. Whoever has the token may see what is in the cart and take it up again; nobody is
logged in by it, and no address, name or e-mail is shown before its button is pressed: from then on the cart is theirs,
with whom it is for. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from carts import cohorts, refusals
from carts import services as carts
from carts.models import Cart, Door
from carts.states import BOUGHT
from checkouts import again, linked_carts
from checkouts.models import Checkout
from checkouts.queries import CheckoutView
from common.errors import DomainError, ErrorCode
from common.templatetags.shop import money
from common.transactions import in_transaction
from payments import links
from recovery.models import Click, RecoveryLink
from recovery.things import Thing, amount_of, things_of
from recovery.tokens import digest_of

# What they hold is sold elsewhere, or ordered in parts: a payment link is their way to the end.
_PAID_BY_LINK = (Door.TRACKER, Door.CART2TABLE)


class LinkState(StrEnum):
    OPEN = "open"
    BOUGHT = "bought"
    EXPIRED = "expired"
    REVOKED = "revoked"
    EMPTY = "empty"  # nothing in the cart, or nothing of it for sale any more


@dataclass(frozen=True)
class Row:
    thing: Thing
    change: str  # what is not as the mail said; ''


@dataclass(frozen=True)
class Landing:
    """What the page shows. Amounts in minor units of `currency`."""

    link: RecoveryLink
    state: LinkState
    rows: list[Row]
    amount: int
    currency: str
    code: str  # the code that comes with it; ''

    @property
    def is_paid_by_link(self) -> bool:
        return self.link.cart.door in _PAID_BY_LINK


@dataclass(frozen=True)
class WayOn:
    """Where somebody who came back goes: on in a fresh checkout, or to a payment link's address."""

    view: CheckoutView | None = None
    pay_url: str = ""


def look(token: str) -> Landing | None:
    """None for a token we did not give out."""
    link = RecoveryLink.objects.select_related("cart", "discount").filter(token_hash=digest_of(token)).first()
    if link is None:
        return None
    cart = link.cart
    things = things_of(cart)
    told = link.told_amounts if link.message_id else {}
    rows = [Row(thing, _change(thing, told, cart.currency)) for thing in things]
    return Landing(link, _state(link, things), rows, amount_of(things), cart.currency, _usable_code(link))


def _usable_code(link: RecoveryLink) -> str:
    discount = link.discount
    if discount is None or not discount.is_active or (discount.ends_at and discount.ends_at <= timezone.now()):
        return ""
    is_used = discount.usage_limit is not None and discount.used_count >= discount.usage_limit
    return "" if is_used else discount.code


def _state(link: RecoveryLink, things: list[Thing]) -> LinkState:
    if link.cart.status in BOUGHT:
        return LinkState.BOUGHT
    if link.revoked_at:
        return LinkState.REVOKED
    if link.expires_at <= timezone.now():
        return LinkState.EXPIRED
    return LinkState.OPEN if any(thing.can_be_bought for thing in things) else LinkState.EMPTY


def _change(thing: Thing, told: Mapping[str, int], currency: str) -> str:
    if not thing.is_for_sale:
        return gettext("No longer for sale.")
    if thing.available <= 0:
        return gettext("Sold out.")
    before = told.get(str(thing.variant_id), thing.unit_amount)
    said = [_price_was(before, currency)] if before != thing.unit_amount else []
    if thing.available < thing.quantity:
        said.append(
            ngettext("Only %(number)s left.", "Only %(number)s left.", thing.available) % {"number": thing.available}
        )
    return " ".join(said)


def _price_was(amount: int, currency: str) -> str:
    return gettext("The price was %(amount)s when we wrote.") % {"amount": money(amount, currency)}


def come_back(landing: Landing) -> WayOn:
    """The shopper confirms: their cart is theirs again, and the click is counted.

    Raises DomainError: CART_NOT_FOUND, CART_CLOSED, PAYMENT_IN_PROGRESS, CHECKOUT_COMPLETED, NOTHING_TO_PAY,
    VARIANT_NOT_FOR_SALE, BUSY.
    """
    link = landing.link
    if landing.is_paid_by_link:
        return _by_payment_link(link)
    view = _by_checkout(link)
    return WayOn(view)


@in_transaction
def _by_checkout(link: RecoveryLink) -> CheckoutView:
    view = again.begin_again(link.cart_id, discount=link.discount if _usable_code(link) else None)
    _press(link, checkout=view.checkout)
    return view


def _cart_of(link: RecoveryLink) -> int:
    return link.cart_id


@in_transaction
@refusals.noted_on(_cart_of)
def _by_payment_link(link: RecoveryLink) -> WayOn:
    cart = Cart.objects.select_for_update(no_key=True).filter(pk=link.cart_id).first()
    if cart is None or cart.status in BOUGHT:
        raise DomainError(ErrorCode.CART_CLOSED)
    carts.touch(cart, now=timezone.now())
    paying, _ = links.for_cart(link.cart_id, draft_of=linked_carts.draft_of, created_by="recovery")
    _press(link)
    return WayOn(pay_url=links.address_of(paying))


def _press(link: RecoveryLink, *, checkout: Checkout | None = None) -> None:
    """Counted with the mail, whose day may be over."""
    Click.objects.create(link=link, checkout=checkout)
    cohorts.note_change(link.cart_id, link.cart.first_abandoned_at)
