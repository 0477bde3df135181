"""One recovery mail: text and HTML from one source, in the language and currency frozen on the cart."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_percent
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from carts.models import Cart
from common import languages, mails
from common.money import BASIS_POINTS, to_major
from recovery import texts
from recovery.models import Step, StepText
from recovery.things import Thing, amount_of
from recovery.tokens import new_token

# Without letters and digits that look alike.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LAST_TO_END = timezone(timedelta(hours=-12))  # where a day ends last on Earth
_CODE_LENGTH = 10  # 50 bits: nobody guesses one that is there


@dataclass(frozen=True)
class Letter:
    """A mail that is ready to be handed over, and what has to be written down before it is."""

    public_id: uuid.UUID
    message: EmailMultiAlternatives
    language: str
    link_token: str
    unsubscribe_token: str
    code: str  # '': none
    code_ends_at: datetime | None
    told_amounts: dict[str, int] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        return str(self.message.subject)

    @property
    def html(self) -> str:
        return str(self.message.alternatives[0][0])


def write(
    cart: Cart, step: Step, things: Sequence[Thing], *, now: datetime, public_id: uuid.UUID | None = None
) -> Letter:
    """Nothing is read but the step's texts, and nothing written. `public_id`: of an earlier try of the same mail."""
    text = text_for(step, cart.language)
    code = _new_code() if step.gives_a_code else ""
    letter = Letter(
        public_id=public_id or uuid.uuid4(),
        message=EmailMultiAlternatives(to=[cart.email]),
        language=text.language,
        link_token=new_token(),
        unsubscribe_token=new_token(),
        code=code,
        code_ends_at=_end_of_day(now + timedelta(seconds=step.code_life_seconds)) if code else None,
        told_amounts={str(thing.variant_id): thing.unit_amount for thing in things if thing.variant_id},
    )
    _fill_in(letter, text, cart, step, things)
    return letter


def text_for(step: Step, language: str) -> StepText:
    """In the cart's language, else in the shop's, else in the first there is. Raises StepText.DoesNotExist."""
    own = list(step.texts.all())
    for wanted in (language, language.partition("-")[0], settings.LANGUAGE_CODE):
        for text in own:
            if text.language.lower() == wanted.lower():
                return text
    if not own:
        raise StepText.DoesNotExist(f"{step} has no text.")
    return own[0]


def _end_of_day(moment: datetime) -> datetime:
    """When the shop's day of that moment is over everywhere: what is good "until Friday" is good all Friday long,
    wherever it is read."""
    return datetime.combine(_day_of(moment), time.max, _LAST_TO_END)


def _day_of(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _new_code() -> str:
    return "BACK" + "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))


def _fill_in(letter: Letter, text: StepText, cart: Cart, step: Step, things: Sequence[Thing]) -> None:
    locale = languages.locale_of(text.language)
    values = _values(letter, cart, step, things, locale)
    words = {name: texts.fill(sentence, values) for name, sentence in texts.words(text.language).items()}
    unsubscribe_url = f"{settings.BASE_URL}/unsubscribe/{letter.unsubscribe_token}"
    subject = " ".join(texts.fill(text.subject, values).split())
    said = mails.Letter(
        subject=subject,
        title=subject,
        paragraphs=tuple(texts.paragraphs(texts.fill(text.body, values))),
        rows=tuple(_row(thing, cart.currency, locale) for thing in things if thing.can_be_bought),
        sums=((words["total"], values["amount"]),),
        highlight=words["code"] if letter.code else "",
        button=mails.Link(words["back"], f"{settings.BASE_URL}/recover/{letter.link_token}"),
        small_print=words["changes"],
        reason=words["why"],
        unsubscribe=mails.Link(words["unsubscribe"], unsubscribe_url),
        language=text.language,
    )
    mails.fill(letter.message, said, message_id=mails.message_id("recovery", letter.public_id.hex))
    letter.message.extra_headers |= {
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _values(letter: Letter, cart: Cart, step: Step, things: Sequence[Thing], locale: Locale) -> dict[str, str]:
    values = {
        "name": " ".join(cart.full_name.split()),
        "shop": settings.SHOP_NAME,
        "amount": _money(amount_of(things), cart.currency, locale),
        "pieces": str(sum(thing.quantity for thing in things if thing.can_be_bought)),
    }
    if letter.code and letter.code_ends_at:
        ends = letter.code_ends_at.astimezone(_LAST_TO_END)
        values |= {
            "code": letter.code,
            "discount": _discount(step, cart.currency, locale),
            "until": format_date(ends.date(), "long", locale=locale),
        }
    return values


def _discount(step: Step, currency: str, locale: Locale) -> str:
    if step.basis_points:
        pattern = locale.percent_formats[None].pattern.replace("0", "0.##", 1)  # its own way, decimals and all
        return format_percent(Decimal(step.basis_points) / BASIS_POINTS, pattern, locale=locale)
    return _money(step.off_amount, currency, locale)


def _row(thing: Thing, currency: str, locale: Locale) -> mails.Row:
    return mails.Row(
        thing.name,
        thing.variant,
        thing.quantity,
        unit=_money(thing.unit_amount, currency, locale),
        amount=_money(thing.amount, currency, locale),
        picture=f"{settings.BASE_URL}{thing.mail_picture}" if thing.mail_picture else "",
    )


def _money(amount: int, currency: str, locale: Locale) -> str:
    return format_currency(to_major(amount, currency), currency, locale=locale)
