"""The parts of the checkout page that people type into. Field limits are those of the guest API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkouts.models import ShippingMethod
from checkouts.pages.sentences import not_there, words
from checkouts.queries import offered
from common.cards import has_card_number
from common.doubts import doubt_of_phone, likely_email
from common.errors import DomainError
from common.forms import refuse_card_number
from payments import services as payments
from payments.gateways import registry, stripe_browser
from payments.instruments import instrument_for

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Posted = Mapping[str, Any] | None

# What the `test` gateway can be asked to do (payments.gateways.test). Nobody types a card number here.
TEST_CARDS = (
    ("tok_visa", _("Visa that is accepted")),
    ("tok_threeDSecureRequired", _("Visa that asks for your approval (3-D Secure)")),
    ("tok_chargeDeclined", _("Card that is declined")),
    ("tok_chargeDeclinedInsufficientFunds", _("Card without enough money on it")),
    ("tok_late", _("Card whose answer gets lost on the way")),
    ("tok_otherAmount", _("Card from which another amount is taken than asked")),
)
_BY_CARD = ("stripe", "test")
_LABELS = {"stripe": _("Card"), registry.TEST: _("Test payment"), registry.BALANCE: _("Prepaid balance")}


CANNOT_BE_KEPT = {
    "max_length": _("This is too long: at most %(limit_value)s characters fit here."),
    "null_characters_not_allowed": _("There is a character in this that cannot be kept. Please type it again."),
}


def text(
    label: str | _StrPromise, *, limit: int, autocomplete: str, required: str | _StrPromise = "", **attrs: str
) -> forms.CharField:
    """A line of text; `required`: the sentence for an empty one, '' where it may be empty."""
    return forms.CharField(
        label=label,
        max_length=limit,
        required=bool(required),
        error_messages={"required": required} | CANNOT_BE_KEPT,
        validators=[refuse_card_number],
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, **attrs}),
    )


@dataclass(frozen=True)
class Doubt:
    """Something that may be a slip. It is said beside the field and stands in nobody's way."""

    sentence: str
    meant: str = ""  # what a button beside it puts in its place


class SectionForm(forms.Form):
    """A part of the page that is saved as a whole, or not at all.

    `lenient`: the shopper is not done yet, so what is still empty is no error; what is wrong still is.
    """

    def __init__(self, data: Posted = None, *, lenient: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.needed = [name for name, field in self.fields.items() if field.required]
        self.lenient = lenient

    def full_clean(self) -> None:
        super().full_clean()
        self._forget_card_numbers()
        if self.lenient and self.is_bound:
            self._errors = ErrorDict(
                {name: errors for name, errors in self.errors.items() if errors.as_data()[0].code != "required"}
            )

    def _forget_card_numbers(self) -> None:
        """What was typed is shown again, but not these."""
        typed = {name: self.data.get(name) for name in map(self.add_prefix, self.fields)}
        held = {name: "" for name, value in typed.items() if has_card_number(str(value or ""))}
        if held:
            self.data = typed | held

    @property
    def can_be_saved(self) -> bool:
        """Bound, without errors, and whole."""
        return self.is_valid() and all(self.cleaned_data.get(name) for name in self.needed)

    @property
    def is_untouched(self) -> bool:
        """Nothing was typed into any of its fields."""
        return not any(self.typed(name) for name in self.fields)

    def typed(self, name: str) -> str:
        """What stands in the field, typed or from before."""
        return str(self[name].value() or "").strip()

    def doubts(self) -> dict[str, Doubt]:
        """By field; asked for those without an error."""
        return {}

    @property
    def rows(self) -> list[tuple[BoundField, Doubt | None]]:
        """The fields in their order, each with what is doubtful about it; their descriptions name it."""
        wrong = self.errors
        doubts = {name: doubt for name, doubt in self.doubts().items() if name not in wrong}
        for name in doubts:
            self.fields[name].widget.attrs["aria-describedby"] = self._described_by(name)
        return [(self[name], doubts.get(name)) for name in self.fields]

    def _described_by(self, name: str) -> str:
        auto_id = self[name].auto_id
        return f"{auto_id}_helptext {auto_id}_doubt" if self.fields[name].help_text else f"{auto_id}_doubt"


class ContactForm(SectionForm):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("For your order confirmation."),
        validators=[refuse_card_number],
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address like name@example.com."),
        }
        | CANNOT_BE_KEPT,
    )
    full_name = text(_("Full name"), limit=200, autocomplete="name", required=_("Enter your name."))
    phone = text(_("Phone (optional)"), limit=40, autocomplete="tel", type="tel", inputmode="tel")

    def __init__(self, data: Posted = None, *, country: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.country = country  # where a phone number without a + is dialed

    def doubts(self) -> dict[str, Doubt]:
        meant = likely_email(self.typed("email"))
        phone = doubt_of_phone(self.typed("phone"), self.country)
        found = {"email": Doubt(gettext("Is this address right?"), meant)} if meant else {}
        return found | ({"phone": Doubt(phone)} if phone else {})


class MethodForm(SectionForm):
    shipping_method = forms.TypedChoiceField(
        coerce=int,
        error_messages={"required": _("Choose how we ship."), "invalid_choice": _("Choose one of these.")},
    )
    is_mere_proposal = False

    def __init__(
        self, methods: Sequence[ShippingMethod], data: Posted = None, *, country: str = "", **kwargs: Any
    ) -> None:
        """`methods`: all active ones; those without a `rate_amount` do not go to the country."""
        super().__init__(data, **kwargs)
        field: Any = self.fields["shipping_method"]
        field.choices = [(method.pk, method.name) for method in offered(methods)]
        typed = self.typed("shipping_method")
        missed = next((method.name for method in methods if str(method.pk) == typed), "")
        if missed and country:
            field.error_messages["invalid_choice"] = not_there(missed, country)
        is_chosen = typed == str(self.initial.get("shipping_method"))
        self.is_mere_proposal = bool(missed) and self.lenient and not is_chosen

    def full_clean(self) -> None:
        """What the page only proposed is not held against anybody who has just chosen another country."""
        super().full_clean()
        if self.is_bound and self.is_mere_proposal:
            self._errors = ErrorDict()


class PaymentForm(SectionForm):
    """How the shopper pays. After `is_valid()`, `instrument` is what the gateway gets.

    A real card is typed into Stripe's own form in the page, whose script fills in `payment_method`; where that is
    empty (no script, or it could not be loaded) the card is taken on Stripe's hosted page.
    """

    provider = forms.ChoiceField(
        error_messages={"required": _("Choose how you pay."), "invalid_choice": _("Choose one of these.")}
    )
    test_card = forms.ChoiceField(
        label=_("Test card"),
        choices=TEST_CARDS,
        required=False,
        help_text=_("No card number is asked for."),
        widget=forms.Select(attrs={"autocomplete": "off"}),
        error_messages={"invalid_choice": _("Choose one of these test cards.")},
    )
    mobile = forms.CharField(
        label=_("Mobile number for MobilePay"),
        required=False,
        max_length=24,
        help_text=_("In international form, like +45 12 34 56 78."),
        error_messages=CANNOT_BE_KEPT | {"max_length": _("This is too long for a phone number.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )
    payment_method = forms.CharField(required=False, widget=forms.HiddenInput)
    instrument = ""

    def __init__(self, data: Posted = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["provider"].choices = provider_choices()  # type: ignore[attr-defined]
        self.takes_cards = stripe_browser.takes_cards()
        self.has_test_cards = not self.takes_cards or registry.TEST in registry.providers_on_offer()

    @property
    def kept_card(self) -> str:
        """What the script has filled in already, when the form is shown again; '' when it cannot be right."""
        return self.instrument if self.takes_cards and self.instrument == self["payment_method"].value() else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        provider = cleaned.get("provider", "")
        if not provider or self.lenient or self.errors:
            return cleaned
        try:
            self.instrument = self._instrument(provider, cleaned)
        except DomainError as error:
            self.add_error(*self._beside(provider, error))
        return cleaned

    def _instrument(self, provider: str, cleaned: dict[str, Any]) -> str:
        if provider == "stripe" and self.takes_cards:
            typed = cleaned.get("payment_method", "")
            return instrument_for(provider, token=typed) if typed else payments.HOSTED
        return instrument_for(
            provider,
            token=cleaned.get("test_card", "") if provider in _BY_CARD else "",
            phone_number=cleaned.get("mobile", ""),
        )

    def _beside(self, provider: str, error: DomainError) -> tuple[str, str]:
        if provider == "mobilepay":
            return "mobile", gettext("Enter your mobile number in international form, like +45 12 34 56 78.")
        if provider == "stripe" and self.takes_cards:
            return "payment_method", gettext("Enter your card again.")
        return "test_card", gettext("Choose a test card.") if provider in _BY_CARD else words(error)


def provider_choices() -> list[tuple[str, str]]:
    return [(name, _label(name)) for name in registry.providers_on_offer()]


def _label(provider: str) -> str:
    """Where some providers are real and some are not, each that is not says so itself."""
    plays = registry.gateway_name_for(provider)
    says_so = plays == registry.TEST and provider != registry.TEST and not is_simulated()
    label = provider_label(provider)
    return gettext("%(provider)s (simulated, no money moves)") % {"provider": label} if says_so else label


def provider_label(provider: str) -> str:
    """As the shopper calls it; brands are called the same everywhere."""
    return str(_LABELS.get(provider) or registry.LABELS.get(provider, ""))


def is_simulated() -> bool:
    """Every provider on offer is played by the `test` gateway: no money moves, and the page says so."""
    return all(registry.gateway_name_for(name) == registry.TEST for name in registry.providers_on_offer())
