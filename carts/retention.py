"""Forgetting carts: first who they belong to, then the carts. What they came to stays in the figures of their days.

Whether a checkout or an order still needs a cart is for upper apps to say.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from carts import cohorts
from carts.models import Cart, Identity
from carts.states import BOUGHT, CartStatus
from common.retention import BATCH
from common.transactions import in_transaction

# Active and without an address: nobody will find out that it was left. With one it is abandoned, and expires.
_NOBODYS = Q(status=CartStatus.ACTIVE, email="")


def over(before: datetime) -> QuerySet[Cart]:
    """Carts nobody comes back to, that last changed before then and whose payment link, if any, is as old."""
    closed = Q(status__in=(*BOUGHT, CartStatus.EXPIRED)) | _NOBODYS
    has_no_link = Q(payment_link_expires_at__isnull=True) | Q(payment_link_expires_at__lte=before)
    statuses = (*BOUGHT, CartStatus.EXPIRED, CartStatus.ACTIVE)  # as the index has them
    return Cart.objects.filter(closed, has_no_link, status__in=statuses, updated_at__lte=before)


def with_names(carts: QuerySet[Cart]) -> QuerySet[Cart]:
    return carts.exclude(email="", phone="", full_name="")


def anonymise(ids: Collection[int]) -> None:
    Cart.objects.filter(pk__in=ids).update(email="", phone="", full_name="")


def remove(ids: Collection[int]) -> None:
    """In the caller's transaction, with the carts locked and nothing left that needs them."""
    carts = Cart.objects.filter(pk__in=ids)
    cohorts.keep_sums(carts)
    carts.delete()


@in_transaction
def forget_identities(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of people who did not buy, or were not seen for the first time, since then. How many.

    They are strangers from now on, as everybody is who has no row.
    """
    old = Identity.objects.alias(at=Coalesce("bought_at", "created_at")).filter(at__lte=before)
    if not old.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    keys = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    return Identity.objects.filter(pk__in=keys).delete()[0]
