"""Mail servers that behave as they do in the world."""

from __future__ import annotations

import smtplib
from typing import ClassVar

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as Takes

from carts.models import Cart

HERE = "tests.recovery.backends."


class Away(BaseEmailBackend):
    def open(self) -> bool:
        raise ConnectionRefusedError("nobody listens")

    def send_messages(self, messages) -> int:
        raise AssertionError("The line was never open.")


class Says(Takes):
    """Raises what the test has put here, once each; then it takes mails."""

    ERRORS: ClassVar[list[Exception]] = []

    def send_messages(self, messages) -> int:
        if self.ERRORS:
            raise self.ERRORS.pop(0)
        return super().send_messages(messages)


class RefusesAndDeletes(Takes):
    """There is no such address, and while it says so the store deletes the cart."""

    def send_messages(self, messages) -> int:
        Cart.objects.all().delete()
        raise recipient_refused(550, "5.1.1 no such user")


def recipient_refused(code: int, reply: str) -> Exception:
    return smtplib.SMTPRecipientsRefused({"ada@example.com": (code, reply.encode())})


def refused(code: int, reply: str) -> Exception:
    return smtplib.SMTPDataError(code, reply.encode())
