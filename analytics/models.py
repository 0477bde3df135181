"""Figures of closed days, counted once and kept. A nightly check counts them again: the carts they come
from are there, or their sums are (carts.models.RemovedCohort)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class CountedDay(models.Model):
    """That a day's figures are in DayFigures, zeros being no row."""

    day = models.DateField(primary_key=True)  # in the shop's time zone
    counted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.day)


class DayFigures(models.Model):
    """Carts first abandoned on a day, in one currency, and what became of them. Amounts in its minor units."""

    day = models.ForeignKey(CountedDay, on_delete=models.CASCADE, related_name="figures")
    currency = models.CharField(max_length=3)
    abandoned = models.PositiveIntegerField()
    recovered = models.PositiveIntegerField()
    abandoned_amount = models.BigIntegerField()
    recovered_amount = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "day figures"
        constraints = [models.UniqueConstraint(fields=["day", "currency"], name="one_row_a_day_and_currency")]

    def __str__(self) -> str:
        return f"{self.day_id} {self.currency}: {self.recovered} of {self.abandoned}"


class KeptDay(models.Model):
    """That a day's figures of one kind (analytics.kept) are in KeptFigure, zeros being no row."""

    kind = models.CharField(max_length=12)
    day = models.DateField()  # in the shop's time zone
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="kept_once_a_kind_and_day")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.day}"


class KeptFigure(models.Model):
    """One figure of a day that is over. Amounts in minor units of `currency`; of counts it may be ''."""

    kept_day = models.ForeignKey(KeptDay, on_delete=models.CASCADE, related_name="figures")
    name = models.CharField(max_length=20)
    of = models.CharField(max_length=20, blank=True)  # which step of a sequence, which group of people
    currency = models.CharField(max_length=3, blank=True)
    value = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kept_day", "name", "of", "currency"], name="one_figure_of_a_kept_day")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.of} {self.currency}: {self.value}"
