"""The whole checkout page as one form of sections. Each section that is right is saved, whatever the others are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from checkouts import services
from checkouts.completion import PaymentChoice
from checkouts.models import ShippingMethod
from checkouts.pages.address_form import AddressForm
from checkouts.pages.basket_form import BasketForm
from checkouts.pages.forms import ContactForm, MethodForm, PaymentForm, SectionForm
from checkouts.queries import CheckoutView, active_methods, offered, shipping_methods
from checkouts.remembered import NOBODY, Person
from common import addresses, countries
from common.doubts import likely_email
from common.templatetags.shop import country as country_name
from payments.gateways import stripe_browser

PLACE = "place"
COUNTRY = "country"  # another country was chosen: the form changes, and nothing else
FOLLOWED = 8  # ways of shipping whose totals static/shop/shop.css shows by itself when they are chosen
USE_EMAIL = "use_email"  # the address that the hint proposes is the right one


@dataclass(frozen=True)
class MethodOption:
    """One way of shipping, and what the whole order comes to with it. Amounts in minor units."""

    method: ShippingMethod
    amount: int
    total_amount: int
    currency: str
    is_chosen: bool
    is_followed: bool  # the stylesheet shows its total when it is chosen

    @property
    def is_shown(self) -> bool:
        """Whether the page shows its total once it is chosen, before anything is sent."""
        return self.is_followed or self.is_chosen

    @property
    def card_amount(self) -> int | None:
        """The total in Stripe's units, for its card form; None for what it cannot charge."""
        return stripe_browser.amount_for(self.total_amount, self.currency)

    @property
    def field(self) -> str:
        """The hidden field that says which total the page showed for this method."""
        return f"total-{self.method.pk}"


class CheckoutForm:
    """`posted` None: as the checkout stands, and where nobody's contact is on it yet as `remembered`. Otherwise as
    typed; only `place` asks for everything."""

    def __init__(
        self, view: CheckoutView, posted: Mapping[str, str] | None = None, *, remembered: Person = NOBODY
    ) -> None:
        self.view = view
        self.posted = _with_likely_email(posted)
        self.action = (posted or {}).get("action", "update")
        self.remembered = remembered
        # By how much the chosen way of shipping moved because the goods go elsewhere now. Minor units.
        self.shipping_moved_amount = 0
        self._read()
        self.basket = BasketForm(view, posted)

    def _read(self) -> None:
        person, lenient = self._person(), self.action != PLACE
        moving = {"is_moving": self.action == COUNTRY, "lenient": lenient}
        self.shipping = AddressForm(self.posted, initial=person.shipping_address, prefix="shipping", **moving)
        country = self.shipping.typed("country")
        bills_to = person.billing_address or {"country": country}
        self.billing = AddressForm(self._billing(), initial=bills_to, prefix="billing", **moving)
        self.contact = ContactForm(self.posted, initial=person.contact, country=country, lenient=lenient)
        self.ways = active_methods(self.view.currency, country if country in countries.CODES else "")
        self.methods = offered(self.ways)
        initial = {"shipping_method": self.view.checkout.shipping_method_id}
        self.method = MethodForm(self.ways, self.posted, country=country, initial=initial, lenient=lenient)
        self.payment = PaymentForm(self.posted, initial=self._usual_payment(), lenient=lenient)

    def _person(self) -> Person:
        saved = Person.of(self.view.checkout)
        return saved if saved.is_somebody else self.remembered

    @property
    def is_filled_in(self) -> bool:
        """Somebody's contact is on the page before anything is typed into it: another person may want it away."""
        return self.posted is None and self._person().is_somebody

    @property
    def billing_differs(self) -> bool:
        if self.posted is not None:
            return not self.posted.get("billing_same")
        return addresses.is_given(self._person().billing_address)

    def _billing(self) -> Mapping[str, Any] | None:
        return self.posted if self.billing_differs else None

    def _usual_payment(self) -> dict[str, str]:
        return {"provider": self.view.checkout.payment_provider or "stripe", "mobile": self._person().contact["phone"]}

    # --- what is shown ----------------------------------------------------------------------------
    @property
    def chosen_method_id(self) -> int | None:
        """The typed one, else the saved one, else the first: proposed, and saved with the next button."""
        ids = [method.pk for method in self.methods]
        typed = (self.posted or {}).get("shipping_method", "")
        wanted = int(typed) if typed.isascii() and typed.isdigit() else self.view.checkout.shipping_method_id
        return wanted if wanted in ids else next(iter(ids), None)

    @property
    def ships_by_country(self) -> bool:
        """Another country, other ways of shipping or other prices."""
        return any(way.differs for way in self.ways)  # type: ignore[attr-defined]

    @property
    def nothing_ships(self) -> str:
        """Why there is no way of shipping to choose."""
        if country := self.shipping.typed("country"):
            return gettext("We cannot ship to this country: %(country)s.") % {"country": country_name(country)}
        if self.ships_by_country:
            return gettext("How we ship depends on the country: choose it above.")
        return gettext("We cannot ship at the moment. Please come back later.")

    @property
    def options(self) -> list[MethodOption]:
        return [self._option(method, place) for place, method in enumerate(self.methods, start=1)]

    def _option(self, method: ShippingMethod, place: int) -> MethodOption:
        amount: int = method.rate_amount  # type: ignore[attr-defined]
        totals = self.view.totals
        total = totals.total_amount - totals.shipping_amount + amount
        is_chosen, is_followed = method.pk == self.chosen_method_id, place <= FOLLOWED
        return MethodOption(method, amount, total, self.view.currency, is_chosen, is_followed)

    @property
    def shown_total_amount(self) -> int:
        """In minor units, with the chosen way of shipping."""
        totals = (option.total_amount for option in self.options if option.is_chosen)
        return next(totals, self.view.totals.total_amount)

    @property
    def sections(self) -> list[SectionForm]:
        billing = [self.billing] if self.billing_differs else []
        return [self.contact, self.shipping, *billing, self.method, self.payment]

    @property
    def has_errors(self) -> bool:
        return self.basket.has_errors or any(section.errors for section in self.sections)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, sentence) for the summary on top, in the order of the page."""
        found = [
            (section[name].auto_id if name in section.fields else "", str(error))
            for section in self.sections
            for name, errors in section.errors.items()
            for error in errors
        ]
        return found + self.basket.problems

    @property
    def loses_nothing(self) -> bool:
        """Everything typed is saved, so that the page can be asked for anew. What belongs to another country is not."""
        if self.has_errors or self.action == COUNTRY or (self.billing_differs and not self.billing.can_be_saved):
            return False
        return all(section.can_be_saved or section.is_untouched for section in (self.contact, self.shipping))

    # --- what is saved ----------------------------------------------------------------------------
    def save(self, session_key: UUID | None) -> CheckoutView:
        """Raises DomainError where the checkout itself is not there to be changed."""
        self.view = self.basket.save(session_key, self.action)
        self._save_contact(session_key)
        self._save_addresses(session_key)
        self._save_method(session_key)
        if not self.methods and (country := self.shipping.typed("country")) in countries.CODES:
            services.note_nothing_ships(self.view, country)
        self.basket.view = self.view
        return self.view

    def _save_contact(self, session_key: UUID | None) -> None:
        cart = self.view.checkout.cart
        if self.contact.can_be_saved:
            typed = self.contact.cleaned_data
            if any(getattr(cart, name) != value for name, value in typed.items()):
                self.view = services.set_customer(session_key, **typed)

    def _save_addresses(self, session_key: UUID | None) -> None:
        if self.shipping.can_be_saved and self.shipping.address != self.view.checkout.shipping_address:
            before = self.view
            self.view = services.set_shipping_address(session_key, self.shipping.address)
            if before.method and self.view.method:
                self.shipping_moved_amount = self.view.shipping_amount - before.shipping_amount
        saved = self.view.checkout.billing_address
        if not self.billing_differs and saved:
            self.view = services.set_billing_address(session_key, {})
        elif self.billing_differs and self.billing.can_be_saved and self.billing.address != saved:
            self.view = services.set_billing_address(session_key, self.billing.address)

    def _save_method(self, session_key: UUID | None) -> None:
        """One that goes to a country that is typed, but cannot be saved yet, waits for its address."""
        if self.method.can_be_saved and self.view.country in {"", self.shipping.typed("country")}:
            chosen = self.method.cleaned_data["shipping_method"]
            is_other = chosen != self.view.checkout.shipping_method_id
            if is_other and (self.view.country or chosen in self._everywhere()):
                self.view = services.set_shipping_method(session_key, chosen)

    def _everywhere(self) -> set[int]:
        """What can be chosen before anybody knows where the goods go."""
        return {method.pk for method in shipping_methods(self.view.currency, "")}

    # --- what is placed ---------------------------------------------------------------------------
    @property
    def choice(self) -> PaymentChoice:
        return PaymentChoice(provider=self.payment.cleaned_data["provider"], instrument=self.payment.instrument)

    @property
    def expected_total_amount(self) -> int:
        """The total that the page showed for the chosen method; one that nothing equals when it says none."""
        shown = (self.posted or {}).get(f"total-{self.chosen_method_id}", "")
        return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 16 else -1


def _with_likely_email(posted: Mapping[str, str] | None) -> Mapping[str, str] | None:
    if posted is None or posted.get("action") != USE_EMAIL:
        return posted
    typed = {name: posted[name] for name in posted}
    return typed | {"email": likely_email(typed.get("email", "")) or typed.get("email", "")}
