"""Django's PostgreSQL, with a cheaper look at whether a kept connection still lives.

Django sends `SELECT 1` before the first query of every request: eight statements in a purchase of eight calls. A server
that went away has closed its end, and that shows at the socket without asking. Only a connection that rested for a
while, over which a broken network could have gone unnoticed, is asked.
"""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base

REST_SECONDS = 30.0


class DatabaseWrapper(base.DatabaseWrapper):
    _seen_alive_at = -REST_SECONDS

    def is_usable(self) -> bool:
        now = time.monotonic()
        rested = now - self._seen_alive_at > REST_SECONDS
        if (rested or self.errors_occurred or self._has_something_to_read()) and not super().is_usable():
            return False
        self._seen_alive_at = now
        return True

    def connect(self) -> None:
        super().connect()
        self._seen_alive_at = time.monotonic()

    def _has_something_to_read(self) -> bool:
        """Between queries nothing is due, save the server's farewell."""
        if self.connection is None or self.connection.closed:
            return True
        poll = select.poll()
        poll.register(self.connection.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))
