"""What the dialogs of acts ask for. Each carries a token of its own, so that a second click is known for what it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from catalog.states import AdjustedBecause
from catalog.stock import MOST_ON_HAND, says_otherwise
from common import countries
from common.addresses import FIELDS, REQUIRED, Address
from common.errors import DomainError, ErrorCode
from common.forms import MajorUnitsField, NumberWidget, in_minor_units, refuse_card_number
from common.money import to_major
from common.templatetags.shop import money
from dialects.staff_sentences import told_to_staff
from orders.models import Order
from payments import refunds

_LABELS = {
    "address_line1": ("Street and number", 200),
    "address_line2": ("Apartment, floor", 200),
    "city": ("City", 100),
    "state": ("State or region", 100),
    "postal_code": ("Postal code", 20),
    "country": ("Country", 2),
}


def text(label: str, limit: int, *, required: bool = True, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        validators=[refuse_card_number],
        widget=UnfoldAdminTextInputWidget,
        **kwargs,
    )


def address_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {
        name: text(label, limit, required=name in REQUIRED) for name, (label, limit) in _LABELS.items()
    }
    fields["country"] = forms.ChoiceField(
        label="Country",
        choices=[("", "Choose a country"), *countries.names(settings.LANGUAGE_CODE)],
        widget=UnfoldAdminSelectWidget,
    )
    return fields


def address_from(cleaned: dict[str, Any]) -> Address:
    return {name: cleaned[name] for name in FIELDS}


class ActForm(BaseDialogForm):
    """Asks for nothing but the press."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    blames: ClassVar[Mapping[ErrorCode, str]] = {}  # which field a refusal is about; others are about the whole

    def __init__(self, *args: Any, dialog: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dialog = dialog

    def refuse(self, error: DomainError) -> None:
        """Says so beside the field that is to blame."""
        field = self.blames.get(error.code, "")
        self.add_error(field if field in self.fields else None, told_to_staff(error))

    @property
    def wish(self) -> str:
        """At most 80 characters. Somebody else's press of the same token is another wish."""
        return f"staff:{self.request.user.pk}:{self.cleaned_data['request_key'].hex}"

    @property
    def order(self) -> Order | None:
        """Of an order's dialog."""
        number = str(self.object_id or "")
        is_id = number.isascii() and number.isdigit() and len(number) < 19  # noqa: PLR2004 - a 64 bit number
        return Order.objects.filter(pk=int(number)).first() if is_id else None


class ReasonForm(ActForm):
    reason = text("Reason", 200, help_text="Kept here for you; the shopper does not read it.")


class RefundForm(ReasonForm):
    amount = MajorUnitsField(label="Amount")
    field_order = ("amount", "reason")
    blames: ClassVar[Mapping[ErrorCode, str]] = {ErrorCode.REFUND_TOO_LARGE: "amount"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.order is not None:
            left = refunds.left_of(self.order)
            self.initial["amount"] = to_major(left, self.order.currency)
            self.fields["amount"].help_text = f"At most {money(left, self.order.currency)}."

    def clean_amount(self) -> int:
        """Minor units. Nothing that was left out or cannot be read is taken for all of it."""
        typed: Decimal = self.cleaned_data["amount"]
        if not typed:
            raise forms.ValidationError("An amount is more than nothing.")
        return in_minor_units(typed, self.order.currency) if self.order is not None else 0


class CancelForm(ReasonForm):
    pays_back = forms.BooleanField(
        label="Pay back all that was paid", required=False, widget=UnfoldBooleanWidget, help_text=""
    )
    field_order = ("reason", "pays_back")
    blames: ClassVar[Mapping[ErrorCode, str]] = {ErrorCode.ORDER_HAS_MONEY: "pays_back"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = refunds.left_of(self.order) if self.order is not None else 0
        if self.order is None or not left:
            del self.fields["pays_back"]
        else:
            self.fields["pays_back"].help_text = f"{money(left, self.order.currency)}. It cannot be canceled without."


class ShipForm(ActForm):
    carrier = text("Carrier", 60, required=False)
    tracking_number = text("Tracking number", 100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.order is not None:
            self.initial |= {"carrier": self.order.carrier, "tracking_number": self.order.tracking_number}


class AdjustStockForm(ActForm):
    pieces = forms.IntegerField(
        label="Pieces",
        min_value=-MOST_ON_HAND,
        max_value=MOST_ON_HAND,
        widget=NumberWidget,
        help_text="That come onto the shelf; negative: that leave it.",
    )
    reason = forms.ChoiceField(
        label="Why",
        choices=[(each.value, each.label) for each in AdjustedBecause if each != AdjustedBecause.IMPORTED],
        widget=UnfoldAdminSelectWidget,
    )
    note = text("Note", 200, required=False)
    blames: ClassVar[Mapping[ErrorCode, str]] = {ErrorCode.INVALID_VALUE: "pieces"}

    def clean_pieces(self) -> int:
        pieces: int = self.cleaned_data["pieces"]
        if not pieces:
            raise forms.ValidationError("Nothing would change.")
        return pieces

    def clean_reason(self) -> str:
        """Beside the reason: it is what was overlooked, more often than the number."""
        reason, pieces = AdjustedBecause(self.cleaned_data["reason"]), self.cleaned_data.get("pieces")
        if pieces and not reason.fits(pieces):
            raise forms.ValidationError(says_otherwise(pieces, reason))
        return reason


class AddressForm(ActForm):
    kind = "shipping"
    full_name = text("Name", 200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= address_fields()
        if self.order is not None:
            self.initial |= {"full_name": self.order.full_name, **getattr(self.order, f"{self.kind}_address")}

    @property
    def address(self) -> Address:
        return address_from(self.cleaned_data)


class BillingAddressForm(AddressForm):
    kind = "billing"
