"""Discount codes: whether one may be used, what it gives, and its uses, counted so that a limit holds under load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, F, FilteredRelation, Q, QuerySet

from catalog.models import Discount, DiscountRedemption
from catalog.pricing import DiscountOffer
from common import rows
from common.errors import DomainError, ErrorCode
from common.prepared import Given, Prepared, PreparedUpdate


@dataclass(frozen=True)
class Code:
    """A discount with what it gives in one currency; `offer` is None where it gives nothing there."""

    discount: Discount
    offer: DiscountOffer | None


def _of_given_code() -> QuerySet[Discount]:
    """With what it gives in the given currency; None and None where it has no terms there."""
    in_currency = Q(terms__currency=Given("currency", CharField()))
    return Discount.objects.filter(code=Given("code", CharField())).annotate(
        own=FilteredRelation("terms", condition=in_currency),
        off_amount=F("own__off_amount"),
        minimum_amount=F("own__minimum_amount"),
    )


_OF_CODE = Prepared[Discount](_of_given_code)


def find(code: str, currency: str) -> Code:
    """The discount of a code, typed in any case, in one query. Raises DomainError(DISCOUNT_INVALID)."""
    discount: Any = _OF_CODE.first(code=code.strip().upper(), currency=currency)
    if discount is None:
        raise DomainError(ErrorCode.DISCOUNT_INVALID, reason="unknown", discount_code=code)
    return Code(discount, offer_of(discount, discount.off_amount, discount.minimum_amount))


def offer_of(discount: Discount, off_amount: int | None, minimum_amount: int | None) -> DiscountOffer | None:
    """What the code gives, from its terms in one currency (None and None: it has none there)."""
    if discount.method == Discount.Method.PERCENTAGE:
        return DiscountOffer(basis_points=discount.basis_points, minimum_amount=minimum_amount or 0)
    if off_amount is None:
        return None
    return DiscountOffer(off_amount=off_amount, minimum_amount=minimum_amount or 0)


def refusal(code: Code, *, items_amount: int, now: datetime, has_redeemed: Callable[[], bool]) -> str:
    """Why the code cannot be used now: a reason word, or "" when it can.

    `has_redeemed` is asked where the code is used up: a use of the shopper's own, by an earlier try, is theirs.
    """
    discount, offer = code.discount, code.offer
    if not discount.is_active or offer is None:
        return "unknown"
    if discount.starts_at and now < discount.starts_at:
        return "not_yet"
    if discount.ends_at and now >= discount.ends_at:
        return "expired"
    if _is_used_up(discount) and not has_redeemed():
        return "used_up"
    return "below_minimum" if items_amount < offer.minimum_amount else ""


def _is_used_up(discount: Discount) -> bool:
    return discount.usage_limit is not None and discount.used_count >= discount.usage_limit


def has_redeemed(discount: Discount, holder: str) -> bool:
    return DiscountRedemption.objects.filter(discount=discount, holder=holder).exists()


_USED = PreparedUpdate(
    lambda: Discount.objects.filter(
        Q(usage_limit__isnull=True) | Q(used_count__lt=F("usage_limit")), pk=Given("id", BigIntegerField())
    ),
    ("used_count",),
    used_count=F("used_count") + 1,
)


def redeem(discount: Discount | None, *, holder: str, is_first: bool = False) -> None:
    """Makes the holder's use exactly this code (None: no code). A repeat is no second use.

    `is_first` says that the holder cannot have used one yet, which saves asking. Raises
    DomainError(DISCOUNT_GONE, reason="used_up") when the last use was taken meanwhile.
    """
    if not is_first:
        current = DiscountRedemption.objects.filter(holder=holder).first()
        if current and discount and current.discount_id == discount.pk:
            return
        if current:
            give_back(holder)
    if discount is None:
        return
    if not _USED.rows(id=discount.pk):
        raise DomainError(ErrorCode.DISCOUNT_GONE, reason="used_up", discount_code=discount.code)
    rows.insert(DiscountRedemption(holder=holder, discount=discount))


def issue(
    code: str, *, basis_points: int, off_amount: int, minimum_amount: int, currency: str, ends_at: datetime
) -> Discount:
    """A new code that one person can use once. Amounts in minor units of `currency`; `basis_points` or `off_amount`."""
    discount = Discount.objects.create(
        code=code,
        method=Discount.Method.FIXED if off_amount else Discount.Method.PERCENTAGE,
        basis_points=basis_points,
        ends_at=ends_at,
        usage_limit=1,
    )
    if off_amount or minimum_amount:
        discount.terms.create(currency=currency, off_amount=off_amount, minimum_amount=minimum_amount)
    return discount


def give_back(holder: str) -> None:
    """The holder's use is free for somebody else. Doing it twice is harmless."""
    redemption = DiscountRedemption.objects.select_for_update().filter(holder=holder).first()
    if redemption is None:
        return
    redemption.delete()
    Discount.objects.filter(pk=redemption.discount_id).update(used_count=F("used_count") - 1)
