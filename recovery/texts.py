"""What a merchant writes into a mail, with placeholders in braces, and the few sentences the mail adds by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from common import languages

# What each stands for; shown beside the form.
PLACEHOLDERS = {
    "name": "their name; without one the blank before it goes, too",
    "shop": "the shop's name",
    "amount": "what the things in the cart come to",
    "pieces": "how many pieces are in the cart",
    "code": "the discount code (steps that give one)",
    "discount": "what the code gives, like 10 % or $5.00 (steps that give one)",
    "until": "the day the code ends (steps that give one)",
}
OF_A_CODE = ("code", "discount", "until")
_PLACE = re.compile(r"( ?)\{([^{}]*)\}")


def check(text: str, *, gives_a_code: bool) -> None:
    """Raises ValidationError for a placeholder nobody fills in."""
    for _blank, name in _PLACE.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise ValidationError(f"{{{name}}} stands for nothing. There are {known}.")
        if name in OF_A_CODE and not gives_a_code:
            raise ValidationError(f"{{{name}}} is for a step that gives a code.")


def fill(text: str, values: Mapping[str, str]) -> str:
    """An empty value takes the blank before it along: "Hello {name}," without a name is "Hello,"."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[2], "")
        return found[1] + value if value else ""

    return _PLACE.sub(put, text)


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]


# --- the mail's own sentences ---------------------------------------------------------------------
_WORDS = {
    "back": _("Back to my cart"),
    "code": _("Your code {code}: {discount} off until {until}. The button applies it."),
    "changes": _("Prices and stock are those of this moment; the shop shows today's."),
    "why": _("You get this mail because you left these things in your cart at {shop}."),
    "unsubscribe": _("No more mails like this"),
    "total": _("Together"),
}


def words(language: str) -> dict[str, str]:
    """The sentences in this language (`de-AT` is `de`), in English where we have none."""
    with languages.writing_to(language):
        return {name: gettext(sentence) for name, sentence in _WORDS.items()}
