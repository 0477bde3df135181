"""Money is whole numbers of a currency's minor unit (cents); this page converts at the edges and divides fairly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_currency
from django.conf import settings

from common import languages

# ISO 4217: currencies whose minor unit is not a hundredth. Gateways that differ keep their own table.
_WITHOUT_DECIMALS = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"}
_WITHOUT_DECIMALS |= {"XAF", "XOF", "XPF"}
_WITH_THREE = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
_EXPONENTS = dict.fromkeys(_WITHOUT_DECIMALS, 0) | dict.fromkeys(_WITH_THREE, 3)
BASIS_POINTS = 10_000  # 100 %
MINUS = "−"


def exponent(currency: str) -> int:
    """How many decimals the currency's major unit has: 2 for USD, 0 for JPY."""
    return _EXPONENTS.get(currency, 2)


def to_major(amount: int, currency: str) -> Decimal:
    """2499 minor units of USD -> Decimal('24.99')."""
    return Decimal(amount).scaleb(-exponent(currency))


def written(amount: int, currency: str) -> str:
    """2499 minor units of USD -> "$24.99": for staff and logs, in the shop's manner whoever is being served."""
    return format_currency(to_major(amount, currency), currency, locale=languages.locale_of(settings.LANGUAGE_CODE))


def signed(number: float | Decimal, spec: str) -> str:
    """-3, "d" -> "−3": a figure with its sign, the minus as before an amount that is taken off."""
    return format(number, f"+{spec}").replace("-", MINUS)


def to_minor(value: Decimal, currency: str) -> int:
    """Decimal('24.99') USD -> 2499. Raises ValueError when the value has more decimals than the currency."""
    scaled = value.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{value} has more decimals than {currency} has.")
    return int(scaled)


def share_of(amount: int, basis_points: int) -> int:
    """`basis_points` of `amount`, half up: 25 % of 4998 is 1250. `amount` must not be negative."""
    return (amount * basis_points * 2 + BASIS_POINTS) // (2 * BASIS_POINTS)


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in whole parts proportional to `weights`, adding up exactly (largest remainder, first wins a tie).

    `amount` and all weights must not be negative; with no weight at all everything is zero and `amount` must be 0.
    """
    whole = sum(weights)
    if whole == 0:
        if amount:
            raise ValueError("An amount cannot be divided among nothing.")
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(amount * weights[i] % whole))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return parts
