"""A mail server within the process: it takes most mails, refuses some for now or for good, breaks before or after it
has taken one, and its callers are killed at the worst of times. What it saw is one of the two logs the checks go by."""

from __future__ import annotations

import random
import re
import smtplib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from demo.simulation import dice as chance
from demo.simulation.plan import Plan

BACKEND = "demo.simulation.mail_server.EmailBackend"
_MESSAGE_ID = re.compile(r"<recovery\.([0-9a-f]{32})@")
_LINK = re.compile(r"/recover/([\w-]+)")
_UNSUBSCRIBE = re.compile(r"/unsubscribe/([\w-]+)")


class Answer(StrEnum):
    TAKEN = "taken"
    NOT_NOW = "not now"
    NEVER = "never"
    NO_SUCH_ADDRESS = "no such address"
    BROKE_BEFORE = "broke before it was taken"
    BROKE_AFTER = "broke after it was taken"
    KILLED_BEFORE = "the worker was killed before it was taken"
    KILLED_AFTER = "the worker was killed after it was taken"


_SHARES = (
    (0.030, Answer.NOT_NOW),
    (0.035, Answer.NEVER),
    (0.045, Answer.NO_SUCH_ADDRESS),
    (0.050, Answer.BROKE_BEFORE),
    (0.055, Answer.BROKE_AFTER),
    (0.058, Answer.KILLED_BEFORE),
    (0.061, Answer.KILLED_AFTER),
)
_ARRIVED = {Answer.TAKEN, Answer.BROKE_AFTER, Answer.KILLED_AFTER}
_AWAY = 0.002  # of all attempts to reach it
_SLOW, _SLOW_SECONDS = 0.1, 0.005


class WorkerKilled(BaseException):
    """No `except Exception` hears of it: what the worker was at stays as it is."""


@dataclass(frozen=True)
class Handover:
    """One attempt to hand one mail over. `number`: the attempts' order; `attempt`: of this mail, from 1."""

    number: int
    moment: datetime
    message: str  # the Message-ID's digits
    attempt: int
    recipient: str
    subject: str  # which step about which cart
    answer: Answer

    @property
    def has_arrived(self) -> bool:
        return self.answer in _ARRIVED


@dataclass
class MailServer:
    """`between`: called when a line is opened, which the shop does between looking and claiming.

    `on_arrival`: called with a mail that arrived, its link's token and its unsubscribe token.
    """

    plan: Plan
    clock: Callable[[], datetime]
    between: Callable[[], None]
    on_arrival: Callable[[Handover, str, str], None]
    is_slow: bool = True
    log: list[Handover] = field(default_factory=list)
    opened: int = 0
    _attempts: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def open(self) -> None:
        with self._lock:
            self.opened += 1
            dice = chance.about(self.plan.seed, "line", self.opened)
        if dice.random() < _AWAY:
            raise ConnectionRefusedError("The mail server is away.")
        self.between()
        if self.is_slow and dice.random() < _SLOW:
            time.sleep(random.random() * _SLOW_SECONDS)  # noqa: S311 - lets others in

    def take(self, mail: EmailMessage) -> int:
        found = self._note(mail)
        if found.has_arrived:
            link = _LINK.search(str(mail.body))
            unsubscribe = _UNSUBSCRIBE.search(mail.extra_headers["List-Unsubscribe"])
            self.on_arrival(found, link[1] if link else "", unsubscribe[1] if unsubscribe else "")
        _say(found)
        return 1

    def _note(self, mail: EmailMessage) -> Handover:
        named = _MESSAGE_ID.search(mail.extra_headers["Message-ID"])
        message, recipient, subject = named[1] if named else "", mail.to[0], str(mail.subject)
        with self._lock:
            self._attempts[message] += 1
            attempt = self._attempts[message]
            dice = chance.about(self.plan.seed, "mail", subject, self.clock(), attempt)
            answer = _answer(dice.random() / self.plan.trouble)
            found = Handover(len(self.log), self.clock(), message, attempt, recipient, subject, answer)
            self.log.append(found)
        return found


def _answer(throw: float) -> Answer:
    return next((answer for share, answer in _SHARES if throw < share), Answer.TAKEN)


def _say(found: Handover) -> None:
    match found.answer:
        case Answer.NOT_NOW:
            raise smtplib.SMTPRecipientsRefused({found.recipient: (450, b"4.2.1 Not now")})
        case Answer.NEVER:
            raise smtplib.SMTPDataError(554, b"5.7.1 Never")
        case Answer.NO_SUCH_ADDRESS:
            raise smtplib.SMTPRecipientsRefused({found.recipient: (550, b"5.1.1 Nobody here")})
        case Answer.BROKE_BEFORE | Answer.BROKE_AFTER:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        case Answer.KILLED_BEFORE | Answer.KILLED_AFTER:
            raise WorkerKilled


class EmailBackend(BaseEmailBackend):
    """What settings name: hands everything to the one server there is."""

    server: MailServer

    def open(self) -> bool:
        self.server.open()
        return True

    def send_messages(self, messages: Any) -> int:
        return sum(self.server.take(mail) for mail in messages)
