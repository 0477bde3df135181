"""Buying a product of this shop: the same checkout that a guest fills, filled in one go and paid from the balance."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from catalog.models import Variant
from catalog.queries import offers
from checkouts import completion, giving_up
from checkouts import services as checkouts
from checkouts.queries import shipping_methods
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders.models import Order
from orders.states import OrderStatus
from payments import reconcile
from payments.gateways.registry import BALANCE
from payments.states import OPEN
from prepaid import services as prepaid
from purchases import choosing, filling, services
from purchases.choosing import Choice, Choosable
from purchases.discovery import ShippingMethod
from purchases.filling import Filled
from purchases.models import Purchase
from purchases.sentences import NOTHING_CHARGED
from purchases.services import Sold
from purchases.shipping import choose_method
from purchases.states import Step
from purchases.told import Refused, UserData, text_in

KIND = "own"
MAX_PROMPT = 2000
CODE_NAMES = ("discount_code", "coupon", "coupon_code", "promo_code")


class OwnShop:
    def choose(self, purchase: Purchase, user_data: UserData) -> None:
        product_id, variant_id = purchase.known["product_id"], purchase.known["variant_id"]
        name, variants = _choosable(product_id, variant_id)
        choice = chosen(variants, user_data, product_name=name)
        known = purchase.known | {"variant_id": choice.variant_id, "quantity": choice.quantity}
        note = f"Variant {choice.variant_id}, {choice.quantity} of it."
        services.step_done(purchase, note, to=Step.FILL, known=known)

    def fill(self, purchase: Purchase, user_data: UserData) -> None:
        _begin_checkout(purchase, filled(user_data, defaults=ships_to(purchase)), user_data)

    def quote(self, purchase: Purchase) -> tuple[int, str]:
        view = checkouts.find(purchase.checkout_session)
        if view is None:
            raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)
        return view.totals.total_amount, view.currency

    def pay(self, purchase: Purchase) -> Sold:
        if not purchase.quoted_amount:
            return _take_free(purchase)
        try:
            _complete(purchase)
        except DomainError as error:
            if error.code is not ErrorCode.PAYMENT_IN_PROGRESS:
                raise
        crash_point("purchase: checkout completed, nothing noted")
        sold = self.outcome(purchase)
        if sold is None:
            raise Refused(f"The order could not be paid. {NOTHING_CHARGED}")
        return sold

    def outcome(self, purchase: Purchase) -> Sold | None:
        order = _order_of(purchase)
        return None if order is None else _sold(order)

    def clear_away(self, purchase: Purchase) -> None:
        if purchase.checkout_session is None:
            return
        order = _order_of(purchase)
        if order is not None:
            _look_again(order)
        if not self.give_up(purchase.checkout_session):
            raise DomainError(ErrorCode.BUSY)

    def give_up(self, session: uuid.UUID) -> bool:
        return giving_up.give_up(session)


# --- choosing -------------------------------------------------------------------------------------
def chosen(variants: list[Choosable], user_data: UserData, *, product_name: str) -> Choice:
    """Raises Refused."""
    prompt = text_in(user_data, "prompt", longest=MAX_PROMPT)
    choice = choosing.choose(variants, fields=user_data, prompt=prompt, product_name=product_name)
    if isinstance(choice, choosing.Refusal):
        raise Refused(choice.note)
    return choice


def _choosable(product_id: int, variant_id: int | None) -> tuple[str, list[Choosable]]:
    """The product's name and its variants that are sold, or the one that the address named. Raises Refused."""
    found = offers(currency=settings.SHOP_CURRENCY, product_id=product_id)
    sold = [offer for offer in found if offer.can_be_bought and variant_id in {None, offer.variant_id}]
    if not sold:
        name = found[0].product_name if found else "This product"
        raise Refused(f"{name} is not for sale. {NOTHING_CHARGED}")
    options = dict(Variant.objects.filter(product_id=product_id).values_list("pk", "options"))
    variants = [
        Choosable(
            variant_id=offer.variant_id,
            name=offer.variant_name,
            sku=offer.sku,
            options=options[offer.variant_id],
            is_available=offer.available > 0,
        )
        for offer in sold
    ]
    return sold[0].product_name, variants


# --- filling --------------------------------------------------------------------------------------
def ships_to(purchase: Purchase) -> UserData:
    """The client's own address, for what an agent does not say."""
    address: UserData = prepaid.account_of(purchase.key).ships_to
    return address


def filled(user_data: UserData, *, defaults: UserData | None = None) -> Filled:
    """Raises Refused."""
    found = filling.fill(user_data, defaults=defaults)
    if isinstance(found, filling.Refusal):
        raise Refused(found.note)
    return found


@in_transaction
def _begin_checkout(purchase: Purchase, person: Filled, user_data: UserData) -> None:
    """All of it or nothing: no half-filled checkout is left behind by a crash."""
    row = services.locked(purchase)
    session = checkouts.begin_for(row.buyer).checkout.session_key
    known = row.known
    checkouts.add_item(
        session, product_id=known["product_id"], variant_id=known["variant_id"], quantity=known["quantity"]
    )
    note = fill_in(session, person, user_data)
    services.advance(row, note, to=Step.QUOTE, checkout_session=session)


def fill_in(session: uuid.UUID, person: Filled, user_data: UserData) -> str:
    """Who, where, how and with which code, in the caller's transaction; what the checkout holds then.

    Raises Refused, DomainError.
    """
    checkouts.set_customer(session, email=person.email, phone=person.phone, full_name=person.full_name)
    checkouts.set_shipping_address(session, person.address)
    method = shipped_by(_methods(person.address["country"]), said=person.shipping_method)
    view = checkouts.set_shipping_method(session, method.id)
    if code := text_in(user_data, *CODE_NAMES):
        view = checkouts.apply_discount(session, code)
    pieces = ", ".join(f"{line.quantity} x {line.offer.full_name}" for line in view.lines)
    return f"A checkout with {pieces}; {method.name}."


def shipped_by(methods: Sequence[ShippingMethod], *, said: str) -> ShippingMethod:
    """Raises Refused."""
    method = choose_method(methods, said=said)
    if isinstance(method, filling.Refusal):
        raise Refused(method.note)
    return method


def _methods(country: str) -> list[ShippingMethod]:
    found = shipping_methods(settings.SHOP_CURRENCY, country)
    return [ShippingMethod(method.pk, method.name, method.rate_amount) for method in found]  # type: ignore[attr-defined]


# --- paying ---------------------------------------------------------------------------------------
def _complete(purchase: Purchase) -> None:
    completion.complete(
        purchase.checkout_session,
        choice=completion.PaymentChoice(provider=BALANCE, instrument=purchase.source),
        expected_total_amount=purchase.quoted_amount,
        request_id=purchase.public_id.hex,
    )


@in_transaction
def _take_free(purchase: Purchase) -> Sold:
    """Nothing is charged, so nothing could be given back: the order and the end of the purchase are one."""
    row = services.locked(purchase)
    _complete(row)
    order = _order_of(row)
    sold = _sold(order) if order else None
    if sold is None:
        raise Refused("The order could not be placed.")
    services.complete(row, replace(sold, charge_key=row.source))  # of nothing; the hold has an end, too
    return sold


def _order_of(purchase: Purchase) -> Order | None:
    if purchase.checkout_session is None:
        return None
    return Order.objects.select_related("checkout").filter(checkout__session_key=purchase.checkout_session).first()


def _sold(order: Order) -> Sold | None:
    """Raises DomainError(BUSY)."""
    _look_again(order)
    order.refresh_from_db(fields=["status", "number"])
    if order.status == OrderStatus.ACCEPTED:
        return Sold(order.total_amount, order.currency, order.number or str(order.pk))
    if order.payments.filter(status__in=OPEN).exists():
        raise DomainError(ErrorCode.BUSY)
    return None


def _look_again(order: Order) -> None:
    """A payment that was cut off is asked about, or for, under its own key; the checkout goes where it went."""
    for payment_id in order.payments.filter(status__in=OPEN).values_list("pk", flat=True):
        reconcile.look_up(payment_id)
    completion.follow(order.source)
