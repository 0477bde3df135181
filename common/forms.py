"""Amounts as people type them: 24.99 in a form, 2499 in the row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from common.cards import has_card_number
from common.money import exponent, to_major, to_minor

NO_CARD_NUMBER = _("This looks like a card number. Please leave it out: nobody here may keep one.")
MAX_DIGITS = 12  # 10,000 pieces on 100 lines of it still fit into the database, and into a JSON number


def refuse_card_number(text: str) -> None:
    """A validator for what people type. Raises ValidationError(code="card_number")."""
    if has_card_number(text):
        raise ValidationError(NO_CARD_NUMBER, code="card_number")


class NumberWidget(UnfoldAdminDecimalFieldWidget):
    """Sends what was typed. A browser's own number field sends nothing where it cannot read it, which may mean "all" or
    "no limit", and 15 for 1,5."""

    input_type = "text"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["attrs"]
        lowest, *_ = (shown.pop(of_number_fields, None) for of_number_fields in ("min", "max", "step"))
        if lowest is not None and lowest >= 0:  # a phone's keys for numbers may have no minus
            shown["inputmode"] = "decimal"
        return context


class PlainDecimalField(forms.DecimalField):
    """A number in digits: 1000, and not 1e3, which is a slip of the finger more often than a thousand."""

    widget = NumberWidget

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and "e" in value.casefold():
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class MajorUnitsField(PlainDecimalField):
    """A non-negative amount in major units, like 24.99. Its currency is known later: `in_minor_units` converts it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_digits=MAX_DIGITS, **kwargs)


class PercentField(PlainDecimalField):
    """25 or 12.5 in the form; `int(value * 100)` basis points in the row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, decimal_places=2, **kwargs)


def in_minor_units(value: Decimal, currency: str) -> int:
    """24.99 USD -> 2499. Raises ValidationError with a sentence for the person who typed it."""
    try:
        return to_minor(value, currency)
    except ValueError as error:
        places = exponent(currency)
        allowed = f"at most {places} decimals" if places else "no decimals"
        raise ValidationError(f"An amount in {currency} has {allowed}.", code="too_many_decimals") from error


def plain(value: Decimal) -> Decimal:
    """25.00 -> 25 and 12.50 -> 12.5, never 1E+2."""
    return Decimal(f"{value.normalize():f}")


class MajorUnitsForm(forms.ModelForm):
    """A form of one row with a `currency` and the amounts `money_fields`: shown and typed in major units."""

    money_fields: ClassVar[tuple[str, ...]] = ()
    money_help: ClassVar[str] = "Like 24.99."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.money_fields:
            generated = self.fields.get(name)
            if generated is None:  # staff that may only look: there are no fields
                continue
            self.fields[name] = MajorUnitsField(
                label=generated.label, required=generated.required, help_text=self.money_help, initial=generated.initial
            )
            if self.instance.pk:
                self.initial[name] = to_major(getattr(self.instance, name), self.instance.currency)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        cleaned_currency = cleaned.get("currency")
        for name in self.money_fields:
            if cleaned_currency and isinstance(cleaned.get(name), Decimal):
                self._convert(name, cleaned_currency)
        return cleaned

    def _convert(self, name: str, currency: str) -> None:
        try:
            self.cleaned_data[name] = in_minor_units(self.cleaned_data[name], currency)
        except ValidationError as error:
            self.add_error(name, error)
