"""Mails into files, with a pause before and after each: long enough to be killed on either side of it."""

from __future__ import annotations

import time

from django.core.mail.backends import filebased

SECONDS = 0.01


class EmailBackend(filebased.EmailBackend):
    def send_messages(self, messages) -> int:
        time.sleep(SECONDS)
        sent = super().send_messages(messages)
        time.sleep(SECONDS)
        return sent
