"""Several workers at once: each event is handed to exactly one of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from outbox import delivery
from outbox.models import OutboxEvent


def _claim_all(_: int) -> list[int]:
    try:
        claimed: list[int] = []
        while events := delivery.claim():
            claimed += [event.pk for event in events]
        return claimed
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_six_workers_share_sixty_events_without_taking_one_twice():
    OutboxEvent.objects.bulk_create(OutboxEvent(name="order.placed") for _ in range(60))
    with ThreadPoolExecutor(6) as pool:
        claimed = [pk for worker in pool.map(_claim_all, range(6)) for pk in worker]
    assert len(claimed) == 60
    assert len(set(claimed)) == 60
