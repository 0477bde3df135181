from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from outbox.models import OutboxEvent
from tests.admin_rows import staff_with

LIST = "admin:outbox_outboxevent_changelist"


def failed_event() -> OutboxEvent:
    return OutboxEvent.objects.create(name="order.accepted", key="k", failed_at=timezone.now(), attempts=20)


def run_again(client, event: OutboxEvent):
    data = {"action": "run_failed_again", "_selected_action": [event.pk]}
    return client.post(reverse(LIST), data, follow=True)


def test_a_failed_event_is_run_again_once(admin_client, db):
    event = failed_event()
    assert "1 failed event(s) will be run again" in run_again(admin_client, event).content.decode()
    assert "0 failed event(s) will be run again" in run_again(admin_client, event).content.decode()
    event.refresh_from_db()
    assert (event.failed_at, event.attempts) == (None, 0)


def test_staff_that_may_only_look_runs_nothing(client, db):
    event = failed_event()
    client.force_login(staff_with("outbox.view_outboxevent"))
    assert client.get(reverse(LIST)).status_code == 200
    run_again(client, event)
    event.refresh_from_db()
    assert event.failed_at is not None


def test_events_are_filtered_by_state(admin_client, db):
    failed = failed_event()
    OutboxEvent.objects.create(name="order.accepted", key="waiting")
    assert list(admin_client.get(reverse(LIST), {"state": "failed"}).context["cl"].result_list) == [failed]


def test_nobody_edits_an_event(admin_client, db):
    event = failed_event()
    for name in ("change", "delete"):
        address = reverse(f"admin:outbox_outboxevent_{name}", args=[event.pk])
        assert admin_client.post(address, {"post": "yes"}).status_code == 403
