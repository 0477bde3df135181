"""The sums above the list of recovery mails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recovery import message_admin, report
from tests.analytics.mails import enrol, make_cart, make_step, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_mails() -> None:
    step = make_step()
    for days in (1, 2, 40):
        at = timezone.now() - timedelta(days=days)
        cart = make_cart(at)
        enrol(cart, step)
        send(cart, step, at)


def counts() -> list[int]:
    return [line.count for line in report.outcomes_since(timezone.now() - timedelta(days=30))]


def test_each_mail_of_the_days_counts_once(three_mails):
    assert counts() == [2]


def test_beyond_the_most_only_the_newest_are_read_and_the_page_says_so(three_mails, monkeypatch, admin_client):
    for module in (report, message_admin):
        monkeypatch.setattr(module, "COUNT_CAP", 1)
    with CaptureQueriesContext(connection) as captured:
        assert counts() == [1]
    assert "LIMIT 1" in captured.captured_queries[0]["sql"]
    html = admin_client.get(reverse("admin:recovery_message_changelist")).content.decode()
    assert "The newest 1 mail decided on in 30 days;" in html


def test_of_carts_in_no_sequence_only_the_newest_abandoned_are_looked_at(db, monkeypatch):
    now = timezone.now()
    for days in (1, 2, 3):
        make_cart(now - timedelta(days=days), is_followed_up=True)
    assert report.never_considered(now - timedelta(days=30)) == 3
    monkeypatch.setattr(report, "LOOKED_AT", 2)
    assert report.never_considered(now - timedelta(days=30)) == 2
