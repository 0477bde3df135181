"""A mail to a shopper: what it says, once, and the two forms of it, plain text and HTML in the shop's looks.

Whoever writes one says what is in it (`Letter`), in the language that is being spoken; how it looks is in
templates/mail/ and nowhere else. It names no other host than this shop's, and nothing in it tells who opened it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from common import looks


@dataclass(frozen=True)
class Row:
    """A thing. Amounts as people read them; `amount` '' where the mail is not about money."""

    name: str
    variant: str
    quantity: int
    unit: str = ""
    amount: str = ""
    picture: str = ""  # the whole address of a PNG or JPEG (mail programs show no SVG); '': none


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Letter:
    """`paragraphs` may have line breaks. `sums`: label and amount, the last one is what they come to."""

    subject: str
    paragraphs: tuple[str, ...]
    button: Link
    title: str = ""
    rows: tuple[Row, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    highlight: str = ""
    small_print: str = ""
    reason: str = ""  # why it is sent, where nobody asked for it
    unsubscribe: Link | None = None
    language: str = field(default_factory=lambda: get_language() or settings.LANGUAGE_CODE)


SENT = "sent"


def left_out(why: str) -> str:
    """What became of a mail that was not sent."""
    return f"left out: {why}"


def message_id(kind: str, *parts: str) -> str:
    """The same for every try of the same mail, so that mailboxes show one."""
    name = ".".join((kind, *parts)).replace(":", ".")
    return f"<{name}@{urlsplit(settings.BASE_URL).hostname}>"


def text_of(letter: Letter) -> str:
    return _rendered("mail/letter.txt", letter)


def html_of(letter: Letter) -> str:
    return _rendered("mail/letter.html", letter)


def _rendered(template: str, letter: Letter) -> str:
    day, night = looks.colors()
    with override(letter.language):
        context = {"letter": letter, "shop": settings.SHOP_NAME, "day": day, "night": night}
        return render_to_string(template, context)


def fill(message: EmailMultiAlternatives, letter: Letter, *, message_id: str) -> EmailMultiAlternatives:
    message.subject = letter.subject
    message.body = text_of(letter)
    message.attach_alternative(html_of(letter), "text/html")
    message.extra_headers |= {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    return message


def send(letter: Letter, *, to: str, message_id: str) -> None:
    fill(EmailMultiAlternatives(to=[to]), letter, message_id=message_id).send()
