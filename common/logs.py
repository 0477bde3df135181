"""How a line of the log is written: whatever a caller sent, no card number gets there, nor in a traceback, and no
address that is a key: whoever has an order's or a link's token can see or pay it."""

from __future__ import annotations

import logging
import re

from common.cards import without_card_numbers

_KEYS_IN_PATHS = re.compile(r"/(orders|pay|recover|unsubscribe)/[\w.:=-]{8,}")


def without_keys(text: str) -> str:
    """Addresses in it that are keys lose what makes them so."""
    return _KEYS_IN_PATHS.sub(r"/\1/...", text)


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_keys(without_card_numbers(super().format(record)))
