"""What can be asked of balances."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from prepaid.models import Account, Entry


def out_of_balance() -> QuerySet[Account]:
    """Accounts whose sums are not what their entries add up to: must be empty, always."""
    summed = Account.objects.annotate(
        entered_balance=Coalesce(Sum("entries__balance_change"), 0),
        entered_held=Coalesce(Sum("entries__held_change"), 0),
    )
    return summed.exclude(Q(entered_balance=F("balance_amount"), entered_held=F("held_amount")))


def has_entry(key: str) -> bool:
    """Whether the movement of this key is in the books already."""
    return Entry.objects.filter(key=key).exists()
