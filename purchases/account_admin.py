"""Clients' balances for the merchant: topped up, capped, with every movement and what each client did with it."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import ApiKey, Scope
from common import moments
from common.admin import BoundedListMixin, ReadOnlyAdmin, link_to, money_column, table
from common.errors import DomainError, ErrorCode
from common.forms import MAX_DIGITS, MajorUnitsField, PlainDecimalField, in_minor_units, refuse_card_number
from common.money import to_major
from common.templatetags.shop import money
from dialects.staff_sentences import told_to_staff
from prepaid import queries as balances
from prepaid import services as prepaid
from prepaid.models import Account
from purchases import filling, usage

_CAPS = ("purchase_cap_amount", "day_cap_amount")
_SHOWN = 30


class AccountForm(forms.ModelForm):
    """Caps and the amount that comes in, typed in major units. `click`: sent twice, it counts once."""

    purchase_cap_amount = MajorUnitsField(label="Cap a purchase", help_text="The most one purchase may cost.")
    day_cap_amount = MajorUnitsField(label="Cap a day", help_text="The most of one day, in the shop's time zone.")
    comes_in = PlainDecimalField(
        label="Top up",
        required=False,
        max_digits=MAX_DIGITS,
        help_text="Money that you were given for this client; negative: that you paid out again.",
    )
    note = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        validators=[refuse_card_number],
        help_text="Where it came from, for the books.",
    )
    click = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Account
        fields = ("key", *_CAPS, "ships_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["click"] = uuid.uuid4()
        for name in _CAPS:
            if self.instance.pk and name in self.fields:
                self.initial[name] = to_major(getattr(self.instance, name), self.instance.currency)
        if "key" in self.fields:
            free = ApiKey.objects.filter(scope=Scope.PURCHASE, revoked_at__isnull=True, account__isnull=True)
            self.fields["key"].queryset = free  # type: ignore[attr-defined]

    def clean_ships_to(self) -> dict[str, Any]:
        given = self.cleaned_data["ships_to"] or {}
        if not isinstance(given, dict):
            raise ValidationError('Names and values: {"name": "…", "address_line1": "…", "city": "…", "country": "…"}')
        found = filling.fill(given, defaults={"email": "somebody@example.com"}) if given else None
        if isinstance(found, filling.Refusal):
            raise ValidationError(found.note)
        return given

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in (*_CAPS, "comes_in"):
            if isinstance(self.cleaned_data.get(name), Decimal):
                self._convert(name)
        if self.cleaned_data.get("comes_in"):
            self._must_be_free(-self.cleaned_data["comes_in"])
        return self.cleaned_data

    def _must_be_free(self, amount: int) -> None:
        """What is paid out, in minor units, beside its field; whether it still is, the balance's lock decides."""
        if amount <= self.instance.free_amount or balances.has_entry(_key_of(self.cleaned_data.get("click"))):
            return
        values = {"available": self.instance.free_amount, "currency": self.instance.currency or settings.SHOP_CURRENCY}
        self.add_error("comes_in", told_to_staff(DomainError(ErrorCode.BALANCE_TOO_LOW, wanted=amount, **values)))

    def _convert(self, name: str) -> None:
        currency = self.instance.currency or settings.SHOP_CURRENCY
        try:
            self.cleaned_data[name] = in_minor_units(self.cleaned_data[name], currency)
        except ValidationError as error:
            self.add_error(name, error)


def _key_of(click: uuid.UUID | None) -> str:
    return f"admin:{click or uuid.uuid4()}"


class AccountAdmin(BoundedListMixin, ModelAdmin):
    form = AccountForm
    list_display = ("client", "key_state", "balance", "held", "purchase_cap", "day_cap", "last_used")
    list_select_related = ("key",)
    list_filter = ("currency",)
    prefix_fields = ("key__name",)
    search_help_text = "The key's name (its beginning) or id"
    readonly_fields = ("client", "key_state", "last_used", "balance", "held", "free", "used", "movements")
    balance = money_column("balance_amount", "Balance")
    held = money_column("held_amount", "Of it held")
    free = money_column("free_amount", "Free to spend")
    purchase_cap = money_column("purchase_cap_amount", "Cap a purchase")
    day_cap = money_column("day_cap_amount", "Cap a day")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        money_in = ("Money", {"fields": (("comes_in", "note"), "click")})
        caps = ("Caps", {"fields": (_CAPS,)})
        goods = ("Where goods go", {"fields": ("ships_to",)})
        if obj is None:
            return ((None, {"fields": ("key",)}), caps, money_in, goods)
        stands = (None, {"fields": (("client", "key_state"), ("balance", "held"), ("free", "last_used"))})
        return (
            stands,
            money_in,
            caps,
            goods,
            ("What it did", {"fields": ("used",)}),
            ("Books", {"fields": ("movements",)}),
        )

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Books stay. A key that is revoked spends nothing."""
        return False

    @display(description="Client", ordering="id")
    def client(self, account: Account) -> Any:
        return account.key.name

    @display(description="Key", label={"in use": "success", "revoked": "danger"})
    def key_state(self, account: Account) -> str:
        return "revoked" if account.key.is_revoked else "in use"

    @display(description="Last used")
    def last_used(self, account: Account) -> Any:
        return account.key.last_used_at

    @display(description="Purchases")
    def used(self, account: Account) -> Any:
        rows = [
            (row.since, row.completed, row.failed, row.processing, money(row.spent_amount, account.currency))
            for row in usage.of_key(account.key_id, account.currency)
        ]
        seen = f"{reverse('admin:purchases_purchase_changelist')}?key__id__exact={account.key_id}"
        found = table(("", "Completed", "Failed", "Under way", "Spent"), rows)
        return format_html('{}<a href="{}">All its purchases</a>', found, seen)

    @display(description="Newest movements")
    def movements(self, account: Account) -> Any:
        rows = [
            (
                moments.written(entry.at),
                entry.get_kind_display(),
                money(entry.balance_change, account.currency),
                money(entry.held_change, account.currency),
                entry.note or (entry.hold.reference if entry.hold else ""),
                entry.created_by,
            )
            for entry in account.entries.select_related("hold")[:_SHOWN]
        ]
        seen = f"{reverse('admin:prepaid_entry_changelist')}?account__id__exact={account.pk}"
        found = table(("When", "What", "Balance", "Held", "For", "By"), rows)
        return format_html('{}<a href="{}">All movements</a>', found, seen)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """All of what is typed is saved, or nothing and nothing else is said: the balance may fall while one types."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            self.message_user(request, f"Nothing was changed. {told_to_staff(error)}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Raises DomainError."""
        if change:
            obj.save(update_fields=(*_CAPS, "ships_to"))  # never the sums: somebody may be buying
        else:
            obj.currency = settings.SHOP_CURRENCY
            obj.save()
        if form.cleaned_data.get("comes_in"):
            self._top_up(request, obj, form.cleaned_data)

    def _top_up(self, request: HttpRequest, account: Account, typed: dict[str, Any]) -> None:
        amount, key = typed["comes_in"], _key_of(typed.get("click"))
        by = request.user.get_username()
        if not prepaid.top_up(account.pk, amount, key=key, note=typed["note"], created_by=by):
            self.message_user(request, "This was on the balance already: it was sent twice.", messages.WARNING)
            return
        said = money(amount, account.currency)
        self.log_change(request, account, f"Topped up by {said}.")
        self.message_user(request, f"{said} on the balance of {account.key.name}.", messages.SUCCESS)


class EntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "account_link", "kind", "on_balance", "on_held", "note", "created_by")
    list_select_related = ("account__key",)
    list_filter = ("kind", "at")
    exact_fields = ("key", "hold__reference")
    search_help_text = "Reference of a purchase (purchase:...), or id"
    on_balance = money_column("balance_change", "Balance", currency="account__currency")
    on_held = money_column("held_change", "Held", currency="account__currency")

    @display(description="Client")
    def account_link(self, entry: Any) -> Any:
        return link_to(entry.account, entry.account.key.name)
