"""How many of a worker's threads may wait for somebody else's server: never so many that mails, sweeps and purchases
here wait with them, and of one client only one, whatever it sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from common.errors import DomainError, ErrorCode

LANES = 2  # of a worker's four threads

_lock = threading.Lock()
_waiting: set[int] = set()


@contextmanager
def outside(key_id: int) -> Iterator[None]:
    """For the time that another server takes. Raises DomainError(BUSY): to be tried again a moment later."""
    with _lock:
        if key_id in _waiting or len(_waiting) >= LANES:
            raise DomainError(ErrorCode.BUSY)
        _waiting.add(key_id)
    try:
        yield
    finally:
        with _lock:
            _waiting.discard(key_id)
