"""Telling the worker that there is something to do, without the request ever waiting for the queue.

One thread a process sends the message, so a queue that is down or silent costs the shopper nothing;
a burst of events becomes one message. Nothing depends on it: the worker also looks by itself.
"""

from __future__ import annotations

import logging
import threading

from celery import current_app

DRAIN = "outbox.tasks.drain"  # by name: what writes facts down need not know the tasks

logger = logging.getLogger(__name__)


class _Kicker:
    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def kick(self) -> None:
        self._wanted.set()
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="outbox-kick", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self._send()

    def _send(self) -> None:
        try:
            current_app.send_task(DRAIN, retry=False, ignore_result=True, expires=30)
        except Exception as error:  # best effort: the sweep finds the event all the same
            logger.warning("The queue could not be reached to wake the worker: %s", type(error).__name__)


_kicker = _Kicker()


def wake_the_worker() -> None:
    """Returns at once; a worker will look soon if the queue can be reached."""
    _kicker.kick()
