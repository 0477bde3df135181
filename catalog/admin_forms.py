"""The forms behind the merchant's catalog pages: prices and stock in a variant's row, discounts in percent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import PaginationInlineFormSet

from catalog import stock
from catalog.models import Discount, DiscountTerms, Price, Variant
from common.admin import several
from common.forms import MajorUnitsField, MajorUnitsForm, NumberWidget, PercentField, in_minor_units, plain
from common.money import BASIS_POINTS, to_major

_MOST_PIECES = 1_000_000
_PER_PERCENT = BASIS_POINTS // 100


class VariantForm(forms.ModelForm):
    """A variant's own page."""

    class Meta:
        model = Variant
        fields = ("name", "sku", "weight_grams", "options", "position", "is_active")

    def clean_options(self) -> dict[str, str]:
        options = self.cleaned_data["options"] or {}
        if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
            raise ValidationError('Names and values, both in quotes: {"Size": "Medium"}')
        return options


class UnchangingField(forms.IntegerField):
    """What the page showed; sending it back is no change of the row."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002
        return False


class VariantRowForm(forms.ModelForm):
    """A variant with its price in each of `currencies` and, where `takes_stock`, pieces to add to its shelf."""

    currencies: ClassVar[tuple[str, ...]] = ()
    takes_stock: ClassVar[bool] = False
    by: ClassVar[str] = ""

    class Meta:
        model = Variant
        fields = ("name", "sku", "weight_grams", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_saved = self.instance.pk is not None
        if is_saved and self.currencies:
            for price in self.instance.prices.all():
                self.initial[price_field(price.currency)] = to_major(price.amount, price.currency)
        if self.takes_stock:
            self.initial["seen_on_hand"] = self.instance.stock.on_hand if is_saved and has_shelf(self.instance) else 0

    def clean(self) -> dict[str, Any]:
        super().clean()
        for currency in self.currencies:
            self._check_price(currency)
        return self.cleaned_data

    def _check_price(self, currency: str) -> None:
        name = price_field(currency)
        value = self.cleaned_data.get(name)
        if value is None:
            return
        try:
            self.cleaned_data[name] = in_minor_units(value, currency)
        except ValidationError as error:
            self.add_error(name, error)

    def save_prices_and_stock(self) -> None:
        """Needs a saved variant, and the row lock that VariantFormSet took when it judged the pieces."""
        for currency in self.currencies:
            if price_field(currency) in self.changed_data:
                self._save_price(currency)
        stock.open_shelf(self.instance.pk)
        if pieces := self.cleaned_data.get("received"):
            stock.receive(variant_id=self.instance.pk, pieces=pieces, by=self.by)

    def _save_price(self, currency: str) -> None:
        amount = self.cleaned_data[price_field(currency)]
        if amount is None:
            Price.objects.filter(variant=self.instance, currency=currency).delete()
        else:
            Price.objects.update_or_create(variant=self.instance, currency=currency, defaults={"amount": amount})


def price_field(currency: str) -> str:
    return f"price_{currency}"


def has_shelf(variant: Variant) -> bool:
    return hasattr(variant, "stock")


def variant_row_form(currencies: tuple[str, ...], *, takes_stock: bool, by: str) -> type[VariantRowForm]:
    """The row's form for those who may set prices (in these currencies) and move stock; `by`: who fills it in."""
    fields: dict[str, Any] = {"currencies": currencies, "takes_stock": takes_stock, "by": by}
    for currency in currencies:
        fields[price_field(currency)] = MajorUnitsField(label=f"Price {currency}", required=False)
    if takes_stock:
        fields["received"] = forms.IntegerField(
            label="Add pieces",
            required=False,
            min_value=-_MOST_PIECES,
            max_value=_MOST_PIECES,
            widget=NumberWidget,
            help_text="Pieces that come onto the shelf; negative: that leave it.",
        )
        fields["seen_on_hand"] = UnchangingField(required=False)
    return type("VariantRow", (VariantRowForm,), fields)


class VariantFormSet(PaginationInlineFormSet):
    """Judges added pieces under the lock that is kept until they are saved; clicked twice, they are added once."""

    def clean(self) -> None:
        super().clean()
        moving = {
            form.instance.pk: form
            for form in self.initial_forms
            if form.is_valid() and form.cleaned_data.get("received") and form.instance.pk
        }
        rows = stock.locked_stock(sorted(moving)) if moving else {}
        for variant_id, form in moving.items():
            row = rows.get(variant_id)
            self._judge(form, on_hand=row.on_hand if row else 0, reserved=row.reserved if row else 0)
        for form in self.extra_forms:
            if form.is_valid() and (form.cleaned_data.get("received") or 0) < 0:
                form.add_error("received", "A new variant has nothing that could be taken away.")

    def _judge(self, form: Any, *, on_hand: int, reserved: int) -> None:
        if form.cleaned_data.get("seen_on_hand") != on_hand:
            form.data = form.data.copy()
            form.data[form.add_prefix("seen_on_hand")] = str(on_hand)
            form.add_error("received", f"There are {on_hand} on hand now: it changed while this page was open.")
        elif on_hand + form.cleaned_data["received"] < reserved:
            form.add_error("received", stock.too_many_taken(on_hand, reserved))

    def save_new(self, form: Any, commit: bool = True) -> Any:
        variant = super().save_new(form, commit=commit)
        if commit:
            form.save_prices_and_stock()
        return variant

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:
        variant = super().save_existing(form, obj, commit=commit)
        if commit:
            form.save_prices_and_stock()
        return variant


class PriceForm(MajorUnitsForm):
    money_fields = ("amount",)

    class Meta:
        model = Price
        fields = ("currency", "amount")


class DiscountTermsForm(MajorUnitsForm):
    money_fields = ("off_amount", "minimum_amount")

    class Meta:
        model = DiscountTerms
        fields = ("currency", "off_amount", "minimum_amount")


class TermsFormSet(PaginationInlineFormSet):
    def clean(self) -> None:
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        kept = [row for row in rows if not row.get("DELETE") and row.get("off_amount")]
        if self.instance.method == Discount.Method.FIXED and not kept and not any(self.errors):
            raise ValidationError("A fixed code needs an amount off in at least one currency.")


def as_percent(basis_points: int) -> Decimal:
    """2500 -> 25, 1250 -> 12.5."""
    return plain(Decimal(basis_points) / _PER_PERCENT)


class DiscountForm(forms.ModelForm):
    """`percent` is typed as 25 or 12.5 and kept as basis points."""

    percent = PercentField(label="Percent off", required=False, help_text="Percentage codes: 25 or 12.5.")

    class Meta:
        model = Discount
        fields = ("code", "kind", "method", "starts_at", "ends_at", "usage_limit", "is_active")
        widgets: ClassVar[dict[str, Any]] = {"usage_limit": NumberWidget}  # empty is no limit

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["percent"] = as_percent(self.instance.basis_points)

    def clean_code(self) -> str:
        """As the model keeps it, so that the same code in other letters is found to exist."""
        return str(self.cleaned_data["code"]).strip().upper()

    def clean_usage_limit(self) -> int | None:
        """Judged under the row's lock: a use at this moment cannot slip in between."""
        limit = self.cleaned_data["usage_limit"]
        if limit is None or self.instance.pk is None:
            return limit
        row = Discount.objects.select_for_update(no_key=True).filter(pk=self.instance.pk).first()
        if row and limit < row.used_count:
            raise ValidationError(f"It has been used {several(row.used_count, 'time', 'times')} already.")
        return limit

    def clean(self) -> dict[str, Any]:
        super().clean()
        starts, ends = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "It must end after it starts.")
        if "percent" in self.cleaned_data:
            self._set_basis_points(self.cleaned_data["percent"] or 0)
        return self.cleaned_data

    def _set_basis_points(self, percent: Any) -> None:
        if self.cleaned_data.get("method") == Discount.Method.PERCENTAGE and not percent:
            self.add_error("percent", "A percentage code needs a percentage.")
        self.instance.basis_points = int(percent * _PER_PERCENT)
