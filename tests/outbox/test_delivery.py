"""Delivering recorded facts: claimed by one, done when the handlers are, tried again when they fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import delivery
from outbox.models import OutboxEvent
from outbox.services import purge_done, run_again

pytestmark = pytest.mark.django_db


def event(name: str = "order.placed", **values: object) -> OutboxEvent:
    return OutboxEvent.objects.create(name=name, payload={"order": 1}, **values)


def let_the_lease_run_out() -> None:
    OutboxEvent.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_every_handler_of_an_event_is_called_and_the_event_is_done(handlers):
    placed = event()
    assert delivery.drain() == 1
    assert list(handlers.CALLS) == [("note", placed.pk, {"order": 1}), ("also_note", placed.pk, {"order": 1})]
    placed.refresh_from_db()
    assert placed.done_at
    assert placed.claimed_until is None


def test_what_a_handler_says_became_of_it_is_kept(handlers):
    for said, kept in (("left out: nobody is there", "left out: nobody is there"), ("x" * 300, "x" * 200), ("", "")):
        handlers.SAID["note"] = said
        placed = event()
        delivery.drain()
        placed.refresh_from_db()
        assert placed.outcome == kept


def test_a_done_event_is_not_delivered_again(handlers):
    event()
    delivery.drain()
    delivery.drain()
    assert len(handlers.CALLS) == 2


def test_an_event_nobody_handles_is_done_at_once(handlers):
    unheard = event("nobody.listens")
    assert delivery.drain() == 1
    unheard.refresh_from_db()
    assert unheard.done_at
    assert handlers.CALLS == []


def test_an_event_is_left_alone_until_it_is_available(handlers):
    event(available_at=timezone.now() + timedelta(minutes=1))
    assert delivery.drain() == 0
    assert handlers.CALLS == []


def test_a_claimed_event_is_not_claimed_again_while_the_lease_lasts():
    event()
    assert len(delivery.claim()) == 1
    assert delivery.claim() == []


def test_an_event_whose_worker_died_is_claimed_again_after_the_lease():
    event()
    delivery.claim()
    let_the_lease_run_out()
    assert [again.attempts for again in delivery.claim()] == [2]


def test_who_was_overtaken_can_no_longer_mark_the_event():
    event()
    [slow] = delivery.claim()
    let_the_lease_run_out()
    [quick] = delivery.claim()
    assert delivery.deliver(quick) is True
    assert delivery.deliver(slow) is False
    assert OutboxEvent.objects.get().attempts == 2


def test_a_failed_delivery_is_tried_again_later_and_says_why(handlers):
    handlers.FAILING.add("note")
    event()
    before = timezone.now()
    assert delivery.drain() == 0
    failed = OutboxEvent.objects.get()
    assert failed.last_error == "RuntimeError: the mail server is away"
    assert failed.available_at >= before + timedelta(seconds=delivery.FIRST_DELAY_SECONDS)
    assert (failed.done_at, failed.failed_at, failed.claimed_until) == (None, None, None)


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 2), (1, 4), (4, 32), (15, 3600)])
def test_the_delay_grows_up_to_an_hour(handlers, attempts, seconds):
    handlers.FAILING.add("note")
    event(attempts=attempts)
    before = timezone.now()
    delivery.drain()
    delay = (OutboxEvent.objects.get().available_at - before).total_seconds()
    assert seconds <= delay < seconds + 5


def test_after_the_last_attempt_the_event_stays_as_failed(handlers, settings):
    settings.OUTBOX_MAX_ATTEMPTS = 3
    handlers.FAILING.add("note")
    event(attempts=2)
    delivery.drain()
    failed = OutboxEvent.objects.get()
    assert failed.failed_at
    assert "mail server" in failed.last_error
    assert delivery.claim() == []


def test_an_event_that_kills_its_worker_every_time_ends_as_failed(handlers, settings):
    settings.OUTBOX_MAX_ATTEMPTS = 3
    event(attempts=3)
    delivery.drain()
    assert OutboxEvent.objects.get().failed_at
    assert handlers.CALLS == []


def test_a_failed_event_can_be_run_again(handlers, settings):
    failed = event(attempts=20, failed_at=timezone.now(), last_error="away")
    assert run_again([failed.pk]) == 1
    assert delivery.drain() == 1
    failed.refresh_from_db()
    assert failed.done_at
    assert failed.last_error == ""


def test_an_event_that_is_done_is_not_run_again(handlers):
    done = event(done_at=timezone.now())
    assert run_again([done.pk]) == 0


def test_a_handler_that_does_not_exist_is_an_error_to_see_and_not_a_loss():
    event("order.unknown_task")
    delivery.drain()
    assert "tests.is_not_there" in OutboxEvent.objects.get().last_error


def test_one_failing_event_does_not_hold_back_the_others(handlers):
    event("order.unknown_task")
    event()
    assert delivery.drain() == 1


def test_a_drain_whose_time_is_up_gives_back_what_it_has_not_begun(monkeypatch):
    for _ in range(3):
        event()
    monkeypatch.setattr(delivery, "DRAIN_SECONDS", 0.0)
    clock = iter([0.0, -1.0, -1.0, 1.0, 1.0])
    monkeypatch.setattr(delivery.time, "monotonic", lambda: next(clock))
    assert delivery.drain() == 1
    left = OutboxEvent.objects.filter(done_at=None)
    assert [(row.attempts, row.claimed_until) for row in left] == [(0, None), (0, None)]


def test_an_idle_look_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        delivery.drain()


def test_what_was_done_long_ago_is_purged_and_nothing_else():
    now = timezone.now()
    rows = {"old": now - timedelta(days=31), "fresh": now - timedelta(days=1), "open": None}
    OutboxEvent.objects.bulk_create([OutboxEvent(name=name, payload={}, done_at=at) for name, at in rows.items()])
    assert purge_done(batch=1) == 1
    assert set(OutboxEvent.objects.values_list("name", flat=True)) == {"fresh", "open"}


def test_an_address_in_an_error_is_not_kept(handlers, monkeypatch):
    class RefusedError(Exception):
        pass

    def refuses(event_id, payload):
        raise RefusedError({"ada@example.com": (550, b"no such user")})

    monkeypatch.setitem(delivery.current_app.tasks, "tests.note", refuses)
    event = OutboxEvent.objects.create(name="order.placed", payload={})
    delivery.drain()
    event.refresh_from_db()
    assert "550" in event.last_error
    assert "ada" not in event.last_error
