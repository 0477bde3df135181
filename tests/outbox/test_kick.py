"""Waking the worker never costs the caller anything, however the queue is."""

from __future__ import annotations

import queue
import threading

import pytest
from kombu.exceptions import OperationalError

from outbox import kick
from outbox.kick import _Kicker


def test_a_silent_queue_does_not_slow_the_caller(monkeypatch):
    release, given_up = threading.Event(), []
    monkeypatch.setattr(kick.current_app, "send_task", lambda name, **options: given_up.append(not release.wait(10)))
    kicker = _Kicker()
    for _ in range(100):
        kicker.kick()
    assert not given_up, "all hundred returned while the first message was still on its way"
    release.set()


def test_a_queue_that_is_down_does_not_end_the_waking(monkeypatch):
    sent = threading.Semaphore(0)

    def fail(name: str, **options: object) -> None:
        sent.release()
        raise OperationalError("connection refused")

    monkeypatch.setattr(kick.current_app, "send_task", fail)
    kicker = _Kicker()
    for _ in range(3):
        kicker.kick()
        assert sent.acquire(timeout=5)


def test_a_burst_becomes_few_messages(monkeypatch):
    sent, release = queue.Queue(), threading.Event()

    def send(name: str, **options: object) -> None:
        sent.put(name)
        release.wait(10)

    monkeypatch.setattr(kick.current_app, "send_task", send)
    kicker = _Kicker()
    kicker.kick()
    assert sent.get(timeout=10) == "outbox.tasks.drain"
    for _ in range(50):
        kicker.kick()
    release.set()
    assert sent.get(timeout=10) == "outbox.tasks.drain"
    with pytest.raises(queue.Empty):
        sent.get(timeout=0.2)
