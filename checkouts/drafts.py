"""A checkout that staff fills in for somebody on the phone, or at the counter."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from carts import services as carts
from carts.models import Door
from catalog.models import Variant
from checkouts import services
from checkouts.completion import missing_of
from checkouts.models import Checkout
from checkouts.queries import CheckoutView
from checkouts.states import CheckoutStatus
from common.addresses import Address
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction


@dataclass(frozen=True)
class DraftOrder:
    """What staff typed. `pieces`: {SKU: how many}."""

    pieces: Mapping[str, int]
    email: str
    phone: str
    full_name: str
    shipping_address: Address
    shipping_method_id: int
    discount_code: str = ""


@in_transaction
def make(draft: DraftOrder, *, wish: str) -> tuple[CheckoutView, bool]:
    """The checkout and whether it is new: the same `wish` again is answered with what it came to.

    Raises IntegrityError where the same wish was a moment quicker; DomainError: VARIANT_NOT_FOUND, DISCOUNT_INVALID,
    SHIPPING_METHOD_NOT_FOUND, BUSY, and what carts.put raises. Nothing is left of it then.
    """
    session_key = _session_of(wish)
    known = Checkout.objects.filter(session_key=session_key).first()
    if known is not None:
        return services.read(known.pk), False
    _begin(session_key)
    _fill(session_key, draft)
    services.set_customer(session_key, email=draft.email, phone=draft.phone, full_name=draft.full_name)
    services.set_shipping_address(session_key, draft.shipping_address)
    view = services.set_shipping_method(session_key, draft.shipping_method_id)
    return services.apply_discount(session_key, draft.discount_code) if draft.discount_code else view, True


def _session_of(wish: str) -> uuid.UUID:
    """The same for the same wish, and nobody's to guess: whoever has it could go on with the checkout."""
    return uuid.UUID(bytes=salted_hmac("checkouts.drafts", wish, algorithm="sha256").digest()[:16])


def _begin(session_key: uuid.UUID) -> None:
    now = timezone.now()
    cart = carts.start(currency=settings.SHOP_CURRENCY, now=now, door=Door.STAFF)
    Checkout.objects.create(
        session_key=session_key, cart=cart, created_at=now, updated_at=now, expires_at=services.expiry(now)
    )


def _fill(session_key: uuid.UUID, draft: DraftOrder) -> None:
    found = {variant.sku: variant for variant in Variant.objects.filter(sku__in=draft.pieces)}
    for sku, pieces in draft.pieces.items():
        if sku not in found:
            raise DomainError(ErrorCode.VARIANT_NOT_FOUND, sku=sku)
        variant = found[sku]
        services.add_item(session_key, product_id=variant.product_id, variant_id=variant.pk, quantity=pieces)


def cart_to_be_paid(checkout_id: int) -> int:
    """The cart of a checkout that lacks nothing but the money. Raises DomainError: CHECKOUT_NOT_FOUND,
    CHECKOUT_COMPLETED, PAYMENT_IN_PROGRESS, CHECKOUT_INCOMPLETE."""
    view = services.read(checkout_id)
    if view.checkout.status == CheckoutStatus.COMPLETED:
        raise DomainError(ErrorCode.CHECKOUT_COMPLETED)
    if view.checkout.status == CheckoutStatus.PAYING:
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    missing = missing_of(view)
    if missing:
        raise DomainError(ErrorCode.CHECKOUT_INCOMPLETE, missing=missing)
    return view.checkout.cart_id
