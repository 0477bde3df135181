"""What the tracker API takes: the bodies of its requests, strict about types, as plain values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings

from carts.services import MAX_LINES, MAX_PIECES
from carts.states import CartStatus
from carts.tracked import ToldCart, ToldItem
from common.errors import DomainError, ErrorCode
from common.money import to_minor
from dialects.fields import (
    StrictAmount,
    StrictChoice,
    StrictEmail,
    StrictInteger,
    StrictList,
    StrictObject,
    StrictSerializer,
    StrictText,
)

MAX_BULK = 500


class Item(StrictSerializer):
    """A thing in the cart."""

    name = StrictText(max_length=300)
    quantity = StrictInteger(min_value=1, max_value=MAX_PIECES)
    price = StrictAmount(max_digits=12, help_text="Of one, in major units; no more decimals than the currency has.")


class NewCart(StrictSerializer):
    """A cart as its store knows it."""

    customerEmail = StrictEmail()  # noqa: N815
    customerName = StrictText(max_length=200, required=False, allow_blank=True, allow_null=True)  # noqa: N815
    items = StrictList(child=Item(), min_length=1, max_length=MAX_LINES)
    status = StrictText(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="`active`: somebody is still shopping, and the cart is abandoned when it has been idle. Anything "
        "else, or nothing: it is abandoned on arrival.",
    )
    currency = StrictText(
        required=False, max_length=3, help_text="May be sent; must then be the shop's: all carts are counted in it."
    )


class ChangedCart(StrictSerializer):
    """What has become of the cart; nothing else of it can be changed."""

    status = StrictChoice(choices=[str(status) for status in CartStatus])


class NewCarts(StrictSerializer):
    """Many carts at once."""

    carts = StrictList(
        child=StrictObject(), min_length=1, max_length=MAX_BULK, help_text="Each as POST /api/carts takes it."
    )


def told_cart(body: Any) -> ToldCart:
    """Raises ValidationError, DomainError(INVALID_VALUE)."""
    read = NewCart(data=body)
    read.is_valid(raise_exception=True)
    values = read.validated_data
    _check_currency(values.get("currency"))
    return ToldCart(
        email=values["customerEmail"],
        full_name=values.get("customerName") or "",
        items=tuple(_item(index, item) for index, item in enumerate(values["items"])),
        is_active=values.get("status") == CartStatus.ACTIVE,
    )


def _item(index: int, values: dict[str, Any]) -> ToldItem:
    return ToldItem(values["name"], values["quantity"], _minor(index, values["price"]))


def _minor(index: int, price: Decimal) -> int:
    try:
        return to_minor(price, settings.SHOP_CURRENCY)
    except ValueError as error:
        reason = f"has more decimals than {settings.SHOP_CURRENCY} has"
        raise DomainError(ErrorCode.INVALID_VALUE, field=f"items[{index}].price", reason=reason) from error


def _check_currency(given: str | None) -> None:
    if given is not None and given != settings.SHOP_CURRENCY:
        reason = f"carts are counted in {settings.SHOP_CURRENCY} here"
        raise DomainError(ErrorCode.INVALID_VALUE, field="currency", reason=reason)
