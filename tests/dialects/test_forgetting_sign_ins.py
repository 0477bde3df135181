"""Sessions that are over and failed sign-ins of long ago go; those that count stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import retention
from dialects import tasks

pytestmark = pytest.mark.django_db


def test_sessions_go_when_they_are_over():
    for name, days in (("over", -1), ("open", 1)):
        Session.objects.create(session_key=name, expire_date=timezone.now() + timedelta(days=days), session_data="")
    tasks.forget_sign_ins()
    assert Session.objects.get().session_key == "open"


@pytest.mark.parametrize(("kept", "days"), [(365, 31), (7, 8)])
def test_failed_sign_ins_go_after_thirty_days_or_when_all_else_does(settings, kept, days):
    settings.PERSONAL_DATA_RETENTION_DAYS = kept
    for name in ("old", "new"):
        AccessAttempt.objects.create(username=name, ip_address="203.0.113.9", failures_since_start=1)
    young = AccessAttempt.objects.filter(username="new")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(days=days))
    young.update(attempt_time=timezone.now() - timedelta(days=days - 2))
    tasks.forget_sign_ins()
    assert AccessAttempt.objects.get().username == "new"


def test_a_batch_at_a_time(django_assert_num_queries):
    past = timezone.now() - timedelta(days=1)
    Session.objects.bulk_create(Session(session_key=str(n), expire_date=past, session_data="") for n in range(5))
    with django_assert_num_queries(2):
        assert retention.forget_sessions(limit=3) == 3
    assert Session.objects.count() == 2
