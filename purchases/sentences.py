"""What an agent and its person read about a purchase."""

from __future__ import annotations

from common.errors import DomainError, ErrorCode
from common.money import exponent, to_major
from dialects.guest_sentences import SENTENCES

MAX_LENGTH = 1000
NOTHING_CHARGED = "Nothing was charged."


def of(error: DomainError) -> str:
    """A refusal of the domain."""
    if error.code is ErrorCode.TOTAL_CHANGED:
        before, now = (money(int(error.values[name]), str(error.values["currency"])) for name in ("shown", "total"))  # type: ignore[call-overload]
        return f"The price changed from {before} to {now} before it was paid. {NOTHING_CHARGED}"
    sentence = SENTENCES[error.code]
    said = sentence(error.values) if callable(sentence) else sentence.format(**error.values)
    return said if said.endswith(".") else f"{said}."


def money(amount: int, currency: str) -> str:
    """2499 USD -> 24.99 USD"""
    return f"{plain(amount, currency)} {currency}"


def plain(amount: int, currency: str) -> str:
    """2499 USD -> 24.99"""
    return f"{to_major(amount, currency):.{exponent(currency)}f}"


def shortened(note: str) -> str:
    return note if len(note) <= MAX_LENGTH else f"{note[: MAX_LENGTH - 3]}..."
