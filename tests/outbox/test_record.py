"""Recording a fact: with the transaction or not at all, once a key, one query."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from outbox import kick
from outbox.models import OutboxEvent
from outbox.services import record


@pytest.mark.django_db
def test_recording_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        record("order.placed", {"order": 1}, key="order:1")
    event = OutboxEvent.objects.get()
    assert (event.name, event.payload, event.key, event.attempts) == ("order.placed", {"order": 1}, "order:1", 0)


@pytest.mark.django_db
def test_the_same_key_again_changes_nothing_and_leaves_the_transaction_usable():
    record("order.placed", {"order": 1}, key="order:1")
    record("order.placed", {"order": 2}, key="order:1")
    record("order.placed", {"order": 3}, key="order:3")
    assert sorted(event.payload["order"] for event in OutboxEvent.objects.all()) == [1, 3]


@pytest.mark.django_db
def test_events_without_a_key_are_all_kept():
    record("order.placed", {"order": 1})
    record("order.placed", {"order": 1})
    assert OutboxEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_the_transaction_that_is_rolled_back():
    def place_order_and_fail() -> None:
        with transaction.atomic():
            record("order.placed", {"order": 1})
            raise ValueError

    with pytest.raises(ValueError):
        place_order_and_fail()
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        record("order.placed", {"order": 1})


@pytest.mark.django_db
def test_the_worker_is_woken_after_the_commit_only(settings, monkeypatch, django_capture_on_commit_callbacks):
    settings.OUTBOX_KICKS_WORKER = True
    kicks: list[str] = []
    monkeypatch.setattr(kick._kicker, "kick", lambda: kicks.append("kick"))
    with django_capture_on_commit_callbacks(execute=True):
        record("order.placed", {"order": 1})
        assert kicks == []
    assert kicks == ["kick"]
