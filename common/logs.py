"""How a line of the log is written: whatever a caller sent, no card number gets there, nor in a traceback."""

from __future__ import annotations

import logging

from common.cards import without_card_numbers


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_card_numbers(super().format(record))
