"""Handing a mail to the mail server, and what its answer means. Any mail backend of Django's will do.

Only a clear answer is one: a line that breaks while the mail is being handed over leaves nobody knowing.
"""

from __future__ import annotations

import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from anymail.exceptions import AnymailRecipientsRefused
from django.core.mail import EmailMessage, get_connection
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import NewConnectionError

from recovery.states import Outcome

_NO_SUCH_ADDRESS = re.compile(r"\b5\.1\.\d+\b|\b5\.2\.1\b")
_ENHANCED = re.compile(r"\b5\.\d+\.\d+\b")
_MAILBOX_CODES = {550, 551, 553}
_TOO_MANY_REQUESTS = 429


class MailServerAway(Exception):
    """It could not be reached: nothing was claimed, nothing handed over."""


@dataclass(frozen=True)
class Answer:
    """`outcome`: SENT, WAITING (not now), FAILED (never) or UNKNOWN. `is_bounce`: there is no such address."""

    outcome: Outcome
    error: str = ""
    is_bounce: bool = False


class Mailer:
    """One open line to the mail server. Entering it raises MailServerAway."""

    def __enter__(self) -> Mailer:
        self._connection: Any = get_connection()
        try:
            self._connection.open()
        except (OSError, smtplib.SMTPException) as error:
            raise MailServerAway(f"{type(error).__name__}: {error}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError, smtplib.SMTPException):  # what was taken is taken, however badly the line is closed
            self._connection.close()

    def hand_over(self, message: EmailMessage) -> Answer:
        try:
            taken = self._connection.send_messages([message])
        except Exception as error:
            return meaning_of(error)
        return Answer(Outcome.SENT) if taken else Answer(Outcome.UNKNOWN, "The mail backend did not say.")


def meaning_of(error: Exception) -> Answer:
    """What became of a mail whose handing over raised this."""
    text = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()), (0, b""))
        return _of_reply(code, reply, text, is_about_recipient=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_reply(error.smtp_code, error.smtp_error, text)
    if isinstance(error, AnymailRecipientsRefused):  # the provider's webhook says why
        return Answer(Outcome.FAILED, text)
    if _never_got_through(error):
        return Answer(Outcome.WAITING, text)
    if isinstance(error, ValueError):  # a header that cannot be written: it was never on the line
        return Answer(Outcome.FAILED, text)
    status = getattr(error, "status_code", None)  # a provider's API, as django-anymail reports it
    if isinstance(status, int) and 400 <= status < 500:
        return Answer(Outcome.WAITING if status == _TOO_MANY_REQUESTS else Outcome.FAILED, text)
    return Answer(Outcome.UNKNOWN, text)


def _never_got_through(error: BaseException) -> bool:
    """A provider's API that could not be reached: no word of the mail was said."""
    reached = error.__cause__ or error.__context__
    if isinstance(reached, ConnectTimeout):
        return True
    reason = getattr(reached.args[0], "reason", None) if reached is not None and reached.args else None
    return isinstance(reached, RequestsConnectionError) and isinstance(reason, NewConnectionError)


def _of_reply(code: int, reply: bytes | str, text: str, *, is_about_recipient: bool = False) -> Answer:
    if 400 <= code < 500:
        return Answer(Outcome.WAITING, text)
    if code < 500:
        return Answer(Outcome.UNKNOWN, text)
    said = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    named = _ENHANCED.search(said)
    is_bounce = bool(_NO_SUCH_ADDRESS.search(said)) if named else code in _MAILBOX_CODES
    return Answer(Outcome.FAILED, text, is_bounce=is_about_recipient and is_bounce)
