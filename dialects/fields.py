"""Serializer fields that take a value of their own type only: no "2" or 2.0 for a count, no 5 for a text.

Messages are the second half of a sentence that begins with the field's name: "quantity: must be a whole number".
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from common import cards

MAX_ID = 2**63 - 1
_COMMON: dict[str, Any] = {"required": "is required", "null": "must not be null"}
_RANGE = {"min_value": "must be at least {min_value}", "max_value": "must be at most {max_value}"}
_LENGTH = {
    "blank": "must not be empty",
    "max_length": "must have at most {max_length} characters",
    "min_length": "must have at least {min_length} characters",
}
_CARD_NUMBER = {"card_number": cards.SENTENCE}
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1F\x7F]")


class StrictInteger(serializers.IntegerField):
    """A JSON whole number between `min_value` and `max_value` (default: what the database can hold)."""

    default_error_messages = _COMMON | _RANGE | {"invalid": "must be a whole number"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", MAX_ID)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:  # bool is an int to Python, not to a caller
            self.fail("invalid")
        return data


class StrictText(serializers.CharField):
    """A JSON string of at most `max_length` characters (default 255), trimmed; one line unless `multiline`.

    A card number in it is refused, except where it is `never_kept`.
    """

    default_error_messages = (
        _COMMON
        | _LENGTH
        | _CARD_NUMBER
        | {"invalid": "must be a text", "control": "must not contain control characters"}
    )

    def __init__(self, *, multiline: bool = False, never_kept: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        super().__init__(**kwargs)
        self.multiline, self.never_kept = multiline, never_kept

    def run_validation(self, data: Any = empty) -> Any:
        # Before trimming, which would hide those at the ends.
        if isinstance(data, str) and not self.multiline and _CONTROL_CHARACTERS.search(data):
            self.fail("control")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if not self.never_kept and cards.has_card_number(data):
            self.fail("card_number")
        return super().to_internal_value(data)


class StrictEmail(serializers.EmailField):
    """An e-mail address of at most 254 characters."""

    default_error_messages = _COMMON | _LENGTH | _CARD_NUMBER | {"invalid": "must be an e-mail address"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if cards.has_card_number(data):
            self.fail("card_number")
        return super().to_internal_value(data)


class StrictBoolean(serializers.BooleanField):
    """JSON true or false."""

    default_error_messages = _COMMON | {"invalid": "must be true or false"}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class StrictChoice(serializers.ChoiceField):
    """One of the given strings."""

    default_error_messages = _COMMON | {"invalid_choice": "must be one of the known values"}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", input=data)
        return data


@extend_schema_field({"type": "number", "minimum": 0})
class StrictAmount(serializers.DecimalField):
    """A JSON number of major units (24.99), not negative, as a Decimal. Decimals are judged where the currency is."""

    default_error_messages = (
        _COMMON
        | _RANGE
        | {
            "invalid": "must be a number",
            "max_digits": "must have at most {max_digits} digits",
            "max_decimal_places": "must have at most {max_decimal_places} decimals",
            "max_whole_digits": "must have at most {max_whole_digits} digits before the point",
        }
    )

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 15)
        kwargs.setdefault("decimal_places", 3)
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if type(data) not in (int, Decimal):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictObject(serializers.DictField):
    """A JSON object of any content, but for card numbers and what stands under names like `cvv`."""

    default_error_messages = (
        _COMMON
        | {"not_a_dict": "must be an object", "empty": "must not be empty"}
        | {"card_number": "must not hold a card's number or security code"}
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        if cards.holds_card_data(data):
            self.fail("card_number")
        return data


class StrictList(serializers.ListField):
    """A JSON list of at most `max_length` (default 100) values of `child`."""

    default_error_messages = _COMMON | {
        "not_a_list": "must be a list",
        "empty": "must not be empty",
        "min_length": "must have at least {min_length} entries",
        "max_length": "must have at most {max_length} entries",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 100)
        super().__init__(**kwargs)


class StrictSerializer(serializers.Serializer[Any]):
    """The serializer of a request body or of an object inside one. Fields it does not know are ignored."""

    default_error_messages = _COMMON | {"invalid": "must be an object"}
