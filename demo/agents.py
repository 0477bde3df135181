"""The demo's clients of the purchase API: a key each, with 10,000.00 to spend and caps of 500.00 and 5,000.00."""

from __future__ import annotations

from accounts import keys
from accounts.models import Scope
from demo import credentials
from prepaid import services as prepaid
from prepaid.models import Account

BALANCE = 1_000_000
SHIPS_TO = {
    "name": "Demo Agency",
    "address_line1": "123 Main Street",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62704",
    "country": "US",
}


def load() -> None:
    """Safe to run again: what was spent, topped up or changed since stays so."""
    for number, secret in enumerate(credentials.api_keys(), start=1):
        key = keys.with_secret(secret, name=f"Demo agent {number}", scope=Scope.PURCHASE)
        account = prepaid.account_of(key)
        Account.objects.filter(pk=account.pk, ships_to={}).update(ships_to=SHIPS_TO)
        prepaid.top_up(account.pk, BALANCE, key=f"demo:{key.pk}", note="The demo's first balance")
