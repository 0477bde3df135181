"""Waking the worker never costs the caller anything, however the queue is."""

from __future__ import annotations

import threading
import time

from kombu.exceptions import OperationalError

from outbox.kick import _Kicker
from outbox.tasks import drain


def test_a_silent_queue_does_not_slow_the_caller(monkeypatch):
    release, given_up = threading.Event(), []
    monkeypatch.setattr(drain, "apply_async", lambda **options: given_up.append(not release.wait(10)))
    kicker = _Kicker()
    for _ in range(100):
        kicker.kick()
    assert not given_up, "all hundred returned while the first message was still on its way"
    release.set()


def test_a_queue_that_is_down_does_not_end_the_waking(monkeypatch):
    sent = threading.Semaphore(0)

    def fail(**options: object) -> None:
        sent.release()
        raise OperationalError("connection refused")

    monkeypatch.setattr(drain, "apply_async", fail)
    kicker = _Kicker()
    for _ in range(3):
        kicker.kick()
        assert sent.acquire(timeout=5)


def test_a_burst_becomes_few_messages(monkeypatch):
    started, release, count = threading.Event(), threading.Event(), []

    def send(**options: object) -> None:
        count.append(1)
        started.set()
        release.wait(10)

    monkeypatch.setattr(drain, "apply_async", send)
    kicker = _Kicker()
    kicker.kick()
    assert started.wait(5)
    for _ in range(50):
        kicker.kick()
    release.set()
    time.sleep(0.2)
    assert len(count) == 2
