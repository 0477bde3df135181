"""Forgetting sign-ins: sessions that are over, and failed tries with the address they came from."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from common.retention import BATCH, cut_off

KEPT = timedelta(days=30)  # failed sign-ins: long enough to see who tried


def forget_sessions(*, limit: int = BATCH) -> int:
    """One batch of sessions that are over. How many."""
    over = Session.objects.filter(expire_date__lte=timezone.now())
    keys = list(over.values_list("pk", flat=True)[:limit])
    return Session.objects.filter(pk__in=keys).delete()[0] if keys else 0


def forget_failures(*, limit: int = BATCH) -> int:
    """One batch of failed sign-ins of more than KEPT ago. How many."""
    before = max(timezone.now() - KEPT, cut_off())
    old = AccessAttempt.objects.filter(attempt_time__lte=before)
    ids = list(old.values_list("pk", flat=True)[:limit])
    return AccessAttempt.objects.filter(pk__in=ids).delete()[0] if ids else 0
