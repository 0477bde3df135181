"""Somebody else's server may take its time; neither mails nor other clients wait with it."""

from __future__ import annotations

import socket

import pytest

from common.errors import DomainError, ErrorCode
from outbox import delivery
from outbox.models import OutboxEvent
from purchases import lanes
from tests.factories import demo_shop
from tests.purchases.agents import make_agent, purchase_of

ELSEWHERE = "http://other.test/products/shirt"


def test_a_client_waits_for_one_server_at_a_time():
    with lanes.outside(1):
        with pytest.raises(DomainError) as busy, lanes.outside(1):
            pass
        with lanes.outside(2):
            pass
    with lanes.outside(1):
        pass
    assert busy.value.code is ErrorCode.BUSY


def test_half_of_a_workers_threads_never_wait_for_others():
    with lanes.outside(1), lanes.outside(2), pytest.raises(DomainError), lanes.outside(3):
        pass


def test_a_lane_is_free_again_whatever_happened_in_it():
    with pytest.raises(ZeroDivisionError), lanes.outside(1):
        raise ZeroDivisionError
    with lanes.outside(1):
        pass


@pytest.mark.django_db
def test_a_purchase_that_finds_no_lane_is_tried_again_while_one_here_goes_through(monkeypatch, settings):
    demo_shop()
    settings.PURCHASE_ALLOWED_HOSTS = ["other.test:80"]
    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: asked.append(host))
    agent = make_agent()
    with lanes.outside(agent.key.pk):
        waiting = agent.buy(ELSEWHERE)
        (event,) = delivery.claim()
        assert not delivery.deliver(event)  # later
        assert purchase_of(waiting).status == "processing"
        assert not asked
        OutboxEvent.objects.all().delete()
        assert agent.bought()["status"] == "completed"
