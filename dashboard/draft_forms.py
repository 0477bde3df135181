"""What a draft order is made of: who, where, how, and up to ten things by their SKU."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from carts.services import MAX_PIECES
from checkouts.drafts import DraftOrder
from checkouts.queries import active_methods
from common.forms import NumberWidget
from common.templatetags.shop import money
from dashboard.act_forms import address_fields, address_from, text

ROWS = 10


class DraftForm(forms.Form):
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    email = forms.EmailField(label="E-mail", max_length=254, widget=UnfoldAdminEmailInputWidget)
    full_name = text("Name", 200)
    phone = text("Phone", 40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= address_fields()
        self.fields["shipping_method"] = forms.TypedChoiceField(
            label="Shipping", coerce=int, choices=_methods, widget=UnfoldAdminSelectWidget
        )
        self.fields["discount_code"] = text("Discount code", 40, required=False)

    def draft(self, pieces: dict[str, int]) -> DraftOrder:
        given = self.cleaned_data
        return DraftOrder(
            pieces=pieces,
            email=given["email"],
            phone=given["phone"],
            full_name=given["full_name"],
            shipping_address=address_from(given),
            shipping_method_id=given["shipping_method"],
            discount_code=given["discount_code"],
        )


def _methods() -> list[tuple[int, str]]:
    currency = settings.SHOP_CURRENCY
    methods: list[Any] = active_methods(currency, "")
    return [(method.pk, _label(method, currency)) for method in methods if method.differs or _has_price(method)]


def _label(method: Any, currency: str) -> str:
    """The price for most countries; what it is in the one that is typed is said with the link."""
    price = money(method.rate_amount, currency) if _has_price(method) else "by country"
    return f"{method.name}, {price}{' or by country' if method.differs and _has_price(method) else ''}"


def _has_price(method: Any) -> bool:
    return method.rate_amount is not None


class LineForm(forms.Form):
    sku = forms.CharField(label="SKU", max_length=64, required=False, widget=UnfoldAdminTextInputWidget)
    quantity = forms.IntegerField(
        label="Pieces", min_value=1, max_value=MAX_PIECES, required=False, widget=NumberWidget
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("sku")) != bool(cleaned.get("quantity")) and not self.errors:
            raise forms.ValidationError("A line needs a SKU and how many pieces of it.")
        return cleaned


class LineFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        if not any(self.errors) and not self.pieces:
            raise forms.ValidationError("An order is of something: name at least one SKU.")

    @property
    def pieces(self) -> dict[str, int]:
        """{SKU: pieces}; the same SKU twice is one line."""
        pieces: dict[str, int] = {}
        for form in self.forms:
            sku, quantity = form.cleaned_data.get("sku"), form.cleaned_data.get("quantity")
            if sku and quantity:
                pieces[sku] = pieces.get(sku, 0) + quantity
        return pieces


Lines = forms.formset_factory(LineForm, formset=LineFormSet, extra=ROWS, max_num=ROWS, validate_max=True)
