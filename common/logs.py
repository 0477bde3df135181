"""How a line of the log is written: whatever a caller sent, no card number gets there, nor in a traceback, and no
address that is a key: whoever has an order's or a link's token can see or pay it."""

from __future__ import annotations

import logging
import re

from common.cards import without_card_numbers

_KEYS_IN_PATHS = re.compile(r"/(orders|pay|recover|unsubscribe)/[\w.:=-]{8,}")


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _KEYS_IN_PATHS.sub(r"/\1/...", without_card_numbers(super().format(record)))
