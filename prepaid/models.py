"""Prepaid balances: a client's money in this shop's keeping, and every movement of it. Minor units throughout.

The account's two sums are what its entries add up to; they are kept so that a purchase reads one row under its lock.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import ApiKey
from common.money import written
from prepaid.states import EntryKind, HoldStatus


class Account(models.Model):
    """One client of the purchase API: whoever has its key."""

    key = models.OneToOneField(ApiKey, on_delete=models.PROTECT, related_name="account")
    currency = models.CharField(max_length=3, editable=False)
    balance_amount = models.BigIntegerField(default=0, editable=False)  # theirs, what is held included
    held_amount = models.BigIntegerField(default=0, editable=False)
    purchase_cap_amount = models.BigIntegerField("cap a purchase", help_text="The most that one purchase may cost.")
    day_cap_amount = models.BigIntegerField("cap a day", help_text="The most of one day, in the shop's time zone.")
    # Where goods go that are bought without an address: written like a purchase's user_data.
    ships_to = models.JSONField(
        default=dict,
        blank=True,
        help_text='Name and address for purchases that name none: {"name": "…", "address_line1": "…", "city": "…", …}',
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "balance"
        constraints = [
            models.CheckConstraint(
                condition=Q(held_amount__gte=0, held_amount__lte=F("balance_amount")), name="held_at_most_balance"
            ),
            models.CheckConstraint(
                condition=Q(purchase_cap_amount__gte=0, day_cap_amount__gte=0), name="caps_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key.name}: {written(self.balance_amount, self.currency)}"

    @property
    def free_amount(self) -> int:
        return self.balance_amount - self.held_amount


class Hold(models.Model):
    """Money set aside for one purchase: before anything is charged, given back or spent, and one of them only."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds", editable=False)
    reference = models.CharField(max_length=80, unique=True, editable=False)  # whose, as a text: `purchase:<uuid>`
    status = models.CharField(max_length=10, choices=HoldStatus, default=HoldStatus.HELD, editable=False)
    amount = models.BigIntegerField(editable=False)
    refunded_amount = models.BigIntegerField(default=0, editable=False)
    # Which charge spent it, by its idempotency key; asked again it is answered the same.
    charge_key = models.CharField(max_length=80, unique=True, null=True, editable=False)  # noqa: DJ001
    day = models.DateField(editable=False)  # the shop's day on which it counts against the cap
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="hold_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("amount")), name="hold_refunded_at_most_it"
            ),
            models.CheckConstraint(
                condition=Q(status=HoldStatus.SETTLED) | Q(refunded_amount=0), name="only_what_was_charged_is_refunded"
            ),
        ]
        indexes = [models.Index(fields=["account", "day"], name="hold_by_day")]

    def __str__(self) -> str:
        return f"{written(self.amount, self.account.currency)} ({self.status})"


class Entry(models.Model):
    """One movement, added and never changed. Its key makes it once, whatever is repeated or clicked twice."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", editable=False)
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="entries", editable=False)
    kind = models.CharField(max_length=10, choices=EntryKind, editable=False)
    balance_change = models.BigIntegerField(editable=False)
    held_change = models.BigIntegerField(editable=False)
    key = models.CharField(max_length=120, unique=True, editable=False)
    note = models.CharField(max_length=200, blank=True, editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "movement"
        constraints = [
            models.CheckConstraint(
                condition=~Q(balance_change=0, held_change=0) | Q(kind__in=("hold", "settle", "give_back")),
                name="entry_of_something",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="entry_by_account")]

    def __str__(self) -> str:
        amount = abs(self.balance_change or self.held_change)
        return f"{self.get_kind_display()} {written(amount, self.account.currency)}"
