"""Who bought when, over all their carts: known by e-mail address and phone, kept as digests.

A purchase notes it in its own transaction; a recovery mail locks the same rows while it decides. So a purchase is
either seen by the decision or committed after it. Both lock the cart before these rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from carts.models import Identity
from common.persons import email_key, national_phone_key, phone_key


def keys_of(*, emails: Iterable[str] = (), phones: Iterable[str] = ()) -> list[str]:
    """The digests a person is known by, in the order in which rows are locked."""
    numbers = list(phones)
    found = {*map(email_key, emails), *map(phone_key, numbers), *map(national_phone_key, numbers)}
    return sorted(found - {""})


def note_purchase(*, emails: Iterable[str], phones: Iterable[str] = (), now: datetime) -> None:
    """One statement. The rows stay locked until the purchase is committed."""
    rows = [Identity(key=key, bought_at=now) for key in keys_of(emails=emails, phones=phones)]
    if rows:
        Identity.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=["bought_at"])


def locked(keys: Iterable[str]) -> dict[str, datetime | None]:
    """{key: when they last bought}, the rows locked: waits for a purchase that is being committed at this moment.

    Runs in the caller's transaction; a person nobody knows yet gets a row to lock.
    """
    ordered = sorted(set(keys))
    # Waits for somebody else's row that is not committed yet; without it there would be nothing to lock.
    Identity.objects.bulk_create([Identity(key=key) for key in ordered], ignore_conflicts=True)
    rows = Identity.objects.select_for_update(no_key=True).filter(key__in=ordered).order_by("key")
    found = {row.key: row.bought_at for row in rows}
    # One that was forgotten between the two statements has no row to lock: once more.
    return found if len(found) == len(ordered) else locked(ordered)


def bought_at(keys: Iterable[str]) -> dict[str, datetime | None]:
    """As `locked`, without a lock: for a look beforehand."""
    return dict(Identity.objects.filter(key__in=set(keys)).values_list("key", "bought_at"))
