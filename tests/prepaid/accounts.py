"""An account with money on it."""

from __future__ import annotations

import uuid

from accounts import keys
from accounts.models import Scope
from prepaid import services
from prepaid.models import Account


def make_account(*, balance: int = 10_000, cap: int = 1_000_000, day_cap: int = 1_000_000) -> Account:
    key, _ = keys.create(name="A client", scope=Scope.PURCHASE)
    account = services.account_of(key)
    Account.objects.filter(pk=account.pk).update(purchase_cap_amount=cap, day_cap_amount=day_cap)
    if balance:
        services.top_up(account.pk, balance, key=uuid.uuid4().hex)
    account.refresh_from_db()
    return account
