"""Who bought in this browser before: filled in for their next purchase, never saved for it before they go on.

Known by the shopper's cookie alone, never by an e-mail address. Why a week, and why a button beside it:
docs/adr/0015-a-browser-remembers-its-last-buyer-for-a-week.md.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from carts import services as carts
from checkouts.models import Checkout
from checkouts.services import is_usable, lock_latest
from checkouts.states import CheckoutStatus
from common.addresses import Address
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction

REMEMBER_SECONDS = 7 * 24 * 60 * 60  # from the purchase, however often the shop is visited meanwhile
_NO_CONTACT = {"email": "", "full_name": "", "phone": ""}


@dataclass(frozen=True)
class Person:
    """Who buys and where it goes, as far as it is known."""

    contact: dict[str, str] = field(default_factory=lambda: dict(_NO_CONTACT))
    shipping_address: Address = field(default_factory=dict)
    billing_address: Address = field(default_factory=dict)  # empty: the shipping address

    @classmethod
    def of(cls, checkout: Checkout) -> Person:
        contact = {name: getattr(checkout.cart, name) for name in _NO_CONTACT}
        return cls(contact, checkout.shipping_address, checkout.billing_address)

    @property
    def is_somebody(self) -> bool:
        return any(self.contact.values()) or bool(self.shipping_address)


NOBODY = Person()


def _bought(session_key: uuid.UUID) -> QuerySet[Checkout]:
    since = timezone.now() - timedelta(seconds=REMEMBER_SECONDS)
    return Checkout.objects.filter(session_key=session_key, status=CheckoutStatus.COMPLETED, completed_at__gte=since)


def person_of(session_key: uuid.UUID | None) -> Person:
    """The buyer of the session's newest purchase, NOBODY where there is none or it is too long ago."""
    if session_key is None:
        return NOBODY
    checkout = _bought(session_key).select_related("cart").order_by("-id").first()
    return Person.of(checkout) if checkout else NOBODY


def is_buyer(session_key: uuid.UUID | None, order_id: int) -> bool:
    """Whether the order was bought in this session, and its buyer is remembered in it."""
    return session_key is not None and _bought(session_key).filter(order=order_id).exists()


@in_transaction
def forget(session_key: uuid.UUID | None) -> uuid.UUID | None:
    """The session's open cart goes on under another key, without contact and addresses; None where there is none. The
    old key is known to no browser from then on.

    Raises DomainError: PAYMENT_IN_PROGRESS, BUSY.
    """
    now = timezone.now()
    checkout = lock_latest(session_key)
    if checkout is None or not is_usable(checkout, now):
        return None
    if checkout.status == CheckoutStatus.PAYING:
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    checkout.session_key = uuid.uuid4()
    checkout.shipping_address, checkout.billing_address, checkout.updated_at = {}, {}, now
    checkout.save(update_fields=["session_key", "shipping_address", "billing_address", "updated_at"])
    carts.touch(checkout.cart, now=now, **_NO_CONTACT)
    return checkout.session_key
