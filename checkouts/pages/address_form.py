"""A postal address as the chosen country writes it: which fields, in which order, by which names.

Another country is another form. Without JavaScript it comes with a button; static/shop/checkout.js asks for it in
place. The rules bind these pages only: what the guest API has taken is shown whole, also what its country has no field
for, and is held to them when the order is placed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkouts.pages.forms import Doubt, Posted, SectionForm, text
from checkouts.pages.written_select import Options, WrittenSelect
from common import countries, languages
from common.address_rules import AddressRules, is_stand_in, rules_of, stand_in_for_city
from common.addresses import FIELDS, Address
from common.cards import has_card_number
from common.templatetags.shop import country

_TEXTS = tuple(name for name in FIELDS if name != "country")
_LIMIT = 200  # of a text that is carried along for another country


def _countries() -> Options:
    return (("", gettext("Choose a country")), *countries.names(str(languages.locale())))


def _areas(rules: AddressRules, asked: str) -> Options:
    return (
        ("", gettext("Choose the %(field)s") % {"field": asked}),
        *((area.value, area.label) for area in rules.areas),
    )


class AddressForm(SectionForm):
    """`prefix`: shipping or billing, also the group that browsers fill in together.

    `is_moving`: the shopper has just chosen another country, and what was typed for the one before is not held against
    them; it is not saved either, where it does not fit.
    """

    country = forms.ChoiceField(
        label=_("Country"),
        error_messages={"required": _("Choose the country."), "invalid_choice": _("Choose a country from the list.")},
        widget=WrittenSelect(_countries, attrs={"autocomplete": "country"}),
    )
    address_line1 = text("", limit=200, autocomplete="address-line1")
    address_line2 = text("", limit=200, autocomplete="address-line2")
    postal_code = text("", limit=20, autocomplete="postal-code")
    city = text("", limit=100, autocomplete="address-level2")
    state = text("", limit=100, autocomplete="address-level1")

    def __init__(self, data: Posted = None, *, is_moving: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.is_moving = is_moving
        self.fits = True
        self.fields["country"].choices = countries.names(str(languages.locale()))  # type: ignore[attr-defined]
        self.rules = rules_of(self.typed("country"))
        self.area = self.rules.area(self.typed("state"))
        self._name_the_area()
        shown = self._shown()
        self.carried = [field for name in _TEXTS if name not in shown for field in self._carry(name)]
        self._shape(shown)

    # --- its shape --------------------------------------------------------------------------------
    def _shown(self) -> list[str]:
        """The country's fields, and those that something was saved in for this same country."""
        saved = self.initial if self.initial.get("country") == self.typed("country") else {}
        more = [name for name in _TEXTS if saved.get(name) and not (name == "city" and is_stand_in(saved))]
        return [*self.rules.fields, *(name for name in more if name not in self.rules.fields)]

    def _carry(self, name: str) -> list[tuple[str, str]]:
        """A text of no use in this country, kept in the page until the shopper is back in the one before."""
        typed = self.typed(name) if self.is_bound else ""
        is_kept = typed and len(typed) <= _LIMIT
        return [(self.add_prefix(name), typed)] if is_kept else []

    def _shape(self, shown: list[str]) -> None:
        self.fields = {name: self.fields[name] for name in ("country", *shown)}
        for name in shown:
            self._name(name)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = f"{self.prefix} {field.widget.attrs['autocomplete']}"
        if "postal_code" in shown:
            self._help_with_the_code()
        self.needed = ["country", *(name for name in shown if self.fields[name].required)]

    def _name(self, name: str) -> None:
        field, label = self.fields[name], str(self.rules.labels[name])
        field.required = name in self.rules.required
        field.label = label if field.required else gettext("%(label)s (optional)") % {"label": label}
        asked = self._label(name)
        field.error_messages["required"] = self._asks_for(name)
        if name == "state" and self.rules.areas:
            field.widget = WrittenSelect(
                lambda: _areas(self.rules, asked),
                takes_others=not self.is_moving,
                attrs={"autocomplete": "address-level1"},
            )

    def _asks_for(self, name: str) -> str:
        if name == "address_line1":
            return gettext("Enter the street.")
        is_chosen = name == "state" and self.rules.areas
        sentence = gettext("Choose the %(field)s.") if is_chosen else gettext("Enter the %(field)s.")
        return sentence % {"field": self._label(name)}

    def _help_with_the_code(self) -> None:
        attrs = self.fields["postal_code"].widget.attrs
        if re.fullmatch("[0-9]+", self.rules.code_example):
            attrs["inputmode"] = "numeric"
        elif self.rules.code_example:
            attrs |= {"autocapitalize": "characters", "spellcheck": "false"}

    # --- what is typed ----------------------------------------------------------------------------
    def typed(self, name: str) -> str:
        """Also of a field that this country has not. A card number is not repeated."""
        value = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        text = str(value or "").strip()
        return "" if has_card_number(text) else text

    def _name_the_area(self) -> None:
        """California and CA are the same: whichever was typed or saved, the list shows it chosen."""
        if self.area is None:
            return
        if self.is_bound:
            typed = {self.add_prefix(name): self.typed(name) for name in FIELDS}
            self.data = typed | {self.add_prefix("state"): self.area.value}
        else:
            self.initial = {**self.initial, "state": self.area.value}

    @property
    def is_untouched(self) -> bool:
        proposed = self.initial.get("country", "")
        return self.typed("country") == proposed and not any(self.typed(name) for name in self.fields if name in _TEXTS)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.rules.areas and cleaned.get("state") and self.area is None:
            self._object("state", gettext("Choose the %(field)s from the list.") % {"field": self._label("state")})
        if cleaned.get("postal_code"):
            cleaned["postal_code"] = self.rules.code(cleaned["postal_code"])
            if not self.rules.is_code(cleaned["postal_code"]):
                self._object("postal_code", self._code_sentence())
        return cleaned

    def _label(self, name: str) -> str:
        """Inside a sentence: small in English; translations quote the label as it stands above its field."""
        label = str(self.rules.labels[name])
        is_small = languages.locale().language == "en" and not label[:2].isupper()
        return label[:1].lower() + label[1:] if is_small else label

    def _code_sentence(self) -> str:
        example = self.rules.code_example
        like = gettext("Enter a %(field)s like %(example)s (%(country)s).")
        sentence = like if example else gettext("Enter a %(field)s (%(country)s).")
        named = {"field": self._label("postal_code"), "country": country(self.typed("country"))}
        return sentence % (named | {"example": example})

    def _object(self, name: str, sentence: str) -> None:
        self.fits = False
        if not self.is_moving:
            self.add_error(name, ValidationError(sentence, code="not_in_country"))

    @property
    def can_be_saved(self) -> bool:
        return super().can_be_saved and self.fits

    def doubts(self) -> dict[str, Doubt]:
        area, code = self.area, self.typed("postal_code") if "postal_code" in self.fields else ""
        if area is None or not code or self.rules.is_code_of(area, code):
            return {}
        sentence = gettext("This is not a %(field)s of %(area)s. Is it right?")
        return {"postal_code": Doubt(sentence % {"field": self._label("postal_code"), "area": area.label})}

    @property
    def address(self) -> Address:
        """All six texts. What this country has no field for is empty, but for the city: every address has one."""
        address = {name: self.cleaned_data.get(name, "") for name in FIELDS}
        if not address["city"]:
            address["city"] = stand_in_for_city(address["country"], address["state"])
        return address


def empty_form(prefix: str, country: str) -> AddressForm:
    """The form of a country, with nothing in it."""
    initial: Mapping[str, str] = {"country": country}
    return AddressForm(None, initial=initial, prefix=prefix)
