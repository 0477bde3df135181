"""What this shop's processes do, counted, for `/metrics`.

Each process counts in a file of its own under DATA_DIR/metrics, and whoever is asked adds them up: so several web
processes and workers make one figure. A process takes the first file that nobody holds and goes on counting where its
last owner stopped; there are never more files than processes were running at once, and a restart loses no count.
Labels are few and fixed. Nothing of a person is ever one.
"""

from __future__ import annotations

import fcntl
import os
from itertools import count
from pathlib import Path
from typing import IO

from django.conf import settings
from prometheus_client import Counter, values

FOLDER = Path(settings.DATA_DIR) / "metrics"
FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)


class _Slot:
    """The number of this process's file, held by a lock that ends with the process. A fork takes another one."""

    def __init__(self) -> None:
        self._process, self._number = 0, 0
        self._lock: IO[str] | None = None

    def __call__(self) -> int:
        if self._process != os.getpid():
            self._process = os.getpid()
            self._number, self._lock = _first_free()
        return self._number


def _first_free() -> tuple[int, IO[str]]:
    for number in count(1):
        lock = (FOLDER / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return number, lock
    raise AssertionError  # there is always a next number


values.ValueClass = values.MultiProcessValue(_Slot())

REQUESTS = Counter(
    "shop_requests", "Answers by door (an API's name, pages, admin...)", ["door", "method", "status"], registry=None
)
BUSY = Counter("shop_busy", "Writes that found the shop busy: tried again, or answered so", ["then"], registry=None)
GATEWAY_CALLS = Counter("shop_gateway_calls", "Calls of gateways", ["gateway", "call", "outcome"], registry=None)
GATEWAY_SECONDS = Counter("shop_gateway_seconds", "Seconds spent waiting for gateways", ["gateway"], registry=None)
