"""What can be done with a prepaid balance. Minor units of the account's currency.

Every verb locks the account's row and nothing after it, writes one entry, and may be repeated: its key makes it once.
Raises DomainError(BUSY) beside what each verb names.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from accounts.models import ApiKey
from common.errors import DomainError, ErrorCode
from common.money import exponent
from common.transactions import in_transaction
from prepaid.models import Account, Entry, Hold
from prepaid.states import HOLD, EntryKind, HoldStatus

# A new client's caps in major units, until staff sets others.
FIRST_PURCHASE_CAP, FIRST_DAY_CAP = 500, 5000
_COUNTS = (HoldStatus.HELD, HoldStatus.SETTLED)


def account_of(key: ApiKey) -> Account:
    """The account of a key, empty where it had none: nothing can be bought with it before it is topped up."""
    major = 10 ** exponent(settings.SHOP_CURRENCY)
    fresh = {
        "currency": settings.SHOP_CURRENCY,
        "purchase_cap_amount": FIRST_PURCHASE_CAP * major,
        "day_cap_amount": FIRST_DAY_CAP * major,
    }
    return Account.objects.get_or_create(key=key, defaults=fresh)[0]


@in_transaction
def top_up(account_id: int, amount: int, *, key: str, note: str = "", created_by: str = "") -> bool:
    """Money comes in; a negative amount is taken out. False where this `key` was used before: nothing changes.

    Raises DomainError: BALANCE_TOO_LOW, INVALID_VALUE (nothing).
    """
    account = _locked(account_id)
    if not amount:
        raise DomainError(ErrorCode.INVALID_VALUE, field="amount", reason="must not be 0")
    if Entry.objects.filter(key=key).exists():
        return False
    _must_have(account, -amount)
    kind = EntryKind.TOP_UP if amount > 0 else EntryKind.TAKEN_OUT
    _write(account, kind, key=key, balance=amount, note=note, created_by=created_by)
    return True


@in_transaction
def hold(account_id: int, *, reference: str, amount: int, currency: str) -> Hold:
    """Sets `amount` aside for `reference`, within the balance and both caps. The same again changes nothing.

    Raises DomainError: BALANCE_CURRENCY, SPENDING_CAP, BALANCE_TOO_LOW.
    """
    account = _locked(account_id)
    known = Hold.objects.filter(reference=reference).first()
    if known is not None:
        return known
    today = timezone.localdate()
    _must_be_within_caps(account, amount, currency, today)
    _must_have(account, amount)
    held = Hold.objects.create(account=account, reference=reference, amount=amount, day=today)
    _write(account, EntryKind.HOLD, of=held, key=f"hold:{reference}", held=amount)
    return held


def _must_be_within_caps(account: Account, amount: int, currency: str, today: date) -> None:
    if currency != account.currency:
        raise DomainError(ErrorCode.BALANCE_CURRENCY, wanted=currency, currency=account.currency)
    values = {"wanted": amount, "currency": currency}
    if amount > account.purchase_cap_amount:
        raise DomainError(ErrorCode.SPENDING_CAP, per="purchase", cap=account.purchase_cap_amount, **values)
    spent = spent_on(account, today)
    if spent + amount > account.day_cap_amount:
        raise DomainError(ErrorCode.SPENDING_CAP, per="day", cap=account.day_cap_amount, spent=spent, **values)


def spent_on(account: Account, day: date) -> int:
    """What was charged or is held on the shop's day. What is refunded later was spent all the same."""
    counted = Hold.objects.filter(account=account, day=day, status__in=_COUNTS)
    return counted.aggregate(sum=Sum("amount"))["sum"] or 0


def _must_have(account: Account, amount: int) -> None:
    if amount > account.free_amount:
        raise DomainError(
            ErrorCode.BALANCE_TOO_LOW, wanted=amount, available=account.free_amount, currency=account.currency
        )


@in_transaction
def settle(reference: str, *, charge_key: str) -> Hold:
    """What was held is spent, once: the answer's `charge_key` says by whom. One that was given back stays so.

    Raises Hold.DoesNotExist.
    """
    account, held = _locked_with_hold(reference)
    if held.status == HoldStatus.HELD:
        _move(held, HoldStatus.SETTLED, charge_key=charge_key)
        key = f"settle:{reference}"
        _write(account, EntryKind.SETTLE, of=held, key=key, balance=-held.amount, held=-held.amount)
    return held


@in_transaction
def give_back(reference: str) -> Hold | None:
    """What is held is free again, and nothing can be charged to it any more. One that was spent stays so.

    The answer says what became of it; None where nothing was ever held.
    """
    if not Hold.objects.filter(reference=reference).exists():
        return None
    account, held = _locked_with_hold(reference)
    if held.status == HoldStatus.HELD:
        _move(held, HoldStatus.GIVEN_BACK)
        _write(account, EntryKind.GIVE_BACK, of=held, key=f"give_back:{reference}", held=-held.amount)
    return held


@in_transaction
def refund(reference: str, *, amount: int, key: str) -> Hold:
    """Of what was spent, `amount` comes back to the balance; the same `key` again brings nothing more.

    Raises Hold.DoesNotExist, DomainError(REFUND_TOO_LARGE).
    """
    account, held = _locked_with_hold(reference)
    if Entry.objects.filter(key=key).exists():
        return held
    left = held.amount - held.refunded_amount if held.status == HoldStatus.SETTLED else 0
    if not 0 < amount <= left:
        raise DomainError(ErrorCode.REFUND_TOO_LARGE, refundable=left, currency=account.currency)
    held.refunded_amount += amount
    held.save(update_fields=["refunded_amount"])
    _write(account, EntryKind.REFUND, of=held, key=key, balance=amount)
    return held


# --- rows -----------------------------------------------------------------------------------------
def _locked(account_id: int) -> Account:
    return Account.objects.select_for_update(no_key=True).get(pk=account_id)


def _locked_with_hold(reference: str) -> tuple[Account, Hold]:
    """The account's lock is the one that counts: a hold is changed under it only."""
    account = _locked(Hold.objects.values_list("account_id", flat=True).get(reference=reference))
    held = Hold.objects.get(reference=reference)
    held.account = account
    return account, held


def _move(held: Hold, target: HoldStatus, **changes: str) -> None:
    HOLD.check(held.status, target)
    held.status = target
    for name, value in changes.items():
        setattr(held, name, value)
    held.save(update_fields=["status", *changes])


def _write(
    account: Account,
    kind: EntryKind,
    *,
    key: str,
    of: Hold | None = None,
    balance: int = 0,
    held: int = 0,
    note: str = "",
    created_by: str = "",
) -> None:
    Entry.objects.create(
        account=account,
        hold=of,
        kind=kind,
        balance_change=balance,
        held_change=held,
        key=key,
        note=note,
        created_by=created_by,
    )
    account.balance_amount += balance
    account.held_amount += held
    account.save(update_fields=["balance_amount", "held_amount"])
