from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from outbox.models import OutboxEvent

LIST = "admin:outbox_outboxevent_changelist"


def failed_event() -> OutboxEvent:
    return OutboxEvent.objects.create(name="order.accepted", key="k", failed_at=timezone.now(), attempts=20)


def test_events_are_filtered_by_state(admin_client, db):
    failed = failed_event()
    OutboxEvent.objects.create(name="order.accepted", key="waiting")
    assert list(admin_client.get(reverse(LIST), {"state": "failed"}).context["cl"].result_list) == [failed]


def test_nobody_edits_an_event(admin_client, db):
    event = failed_event()
    for name in ("change", "delete"):
        address = reverse(f"admin:outbox_outboxevent_{name}", args=[event.pk])
        assert admin_client.post(address, {"post": "yes"}).status_code == 403
