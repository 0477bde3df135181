"""Buying a product of this shop: the same checkout that a guest fills, filled in one go and paid from the balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from catalog.models import Variant
from catalog.queries import offers
from checkouts import completion, giving_up
from checkouts import services as checkouts
from checkouts.queries import CheckoutView, shipping_methods
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders.models import Order
from orders.states import OrderStatus
from payments import reconcile
from payments.gateways.registry import BALANCE
from payments.states import OPEN
from purchases import choosing, filling, services
from purchases.models import Purchase
from purchases.sentences import NOTHING_CHARGED
from purchases.services import Sold
from purchases.states import Step
from purchases.told import Refused, UserData, text_in

KIND = "own"


class OwnShop:
    def choose(self, purchase: Purchase, user_data: UserData) -> None:
        product_id, variant_id = purchase.known["product_id"], purchase.known["variant_id"]
        choice = choosing.choose(_choosable(product_id, variant_id), user_data, text_in(user_data, "prompt"))
        if isinstance(choice, choosing.Refusal):
            raise Refused(choice.note)
        known = purchase.known | {"variant_id": choice.variant_id, "quantity": choice.quantity}
        note = f"Variant {choice.variant_id}, {choice.quantity} of it."
        services.step_done(purchase, note, to=Step.FILL, known=known)

    def fill(self, purchase: Purchase, user_data: UserData) -> None:
        filled = filling.fill(user_data)
        if isinstance(filled, filling.Refusal):
            raise Refused(filled.note)
        _begin_checkout(purchase, filled, user_data)

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
        if not giving_up.give_up(purchase.checkout_session):
            raise DomainError(ErrorCode.BUSY)


# --- choosing -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OwnVariant:
    """A variant as `choosing` reads it."""

    variant_id: int
    name: str
    sku: str
    options: dict[str, Any]
    is_available: bool


def _choosable(product_id: int, variant_id: int | None) -> list[OwnVariant]:
    """The product's variants that are sold, or the one that the address named. Raises Refused."""
    found = offers(currency=settings.SHOP_CURRENCY, product_id=product_id)
    sold = [offer for offer in found if offer.can_be_bought and variant_id in {None, offer.variant_id}]
    if not sold:
        name = found[0].product_name if found else "This product"
        raise Refused(f"{name} is not for sale. {NOTHING_CHARGED}")
    options = dict(Variant.objects.filter(product_id=product_id).values_list("pk", "options"))
    return [
        OwnVariant(
            variant_id=offer.variant_id,
            name=offer.variant_name,
            sku=offer.sku,
            options=options[offer.variant_id],
            is_available=offer.available > 0,
        )
        for offer in sold
    ]


# --- filling --------------------------------------------------------------------------------------
@in_transaction
def _begin_checkout(purchase: Purchase, filled: filling.Filled, user_data: UserData) -> None:
    """All of it or nothing: no half-filled checkout is left behind by a crash."""
    row = services.locked(purchase)
    session = checkouts.begin_for(row.buyer).checkout.session_key
    known = row.known
    checkouts.add_item(
        session, product_id=known["product_id"], variant_id=known["variant_id"], quantity=known["quantity"]
    )
    checkouts.set_customer(session, email=filled.email, phone=filled.phone, full_name=filled.full_name)
    checkouts.set_shipping_address(session, filled.address)
    method_id, how = _shipping_method(user_data)
    view = checkouts.set_shipping_method(session, method_id)
    if code := text_in(user_data, "discount_code", "coupon", "promo_code"):
        view = checkouts.apply_discount(session, code)
    services.advance(row, _filled_note(view, how), to=Step.QUOTE, checkout_session=session)


def _shipping_method(user_data: UserData) -> tuple[int, str]:
    """The one that was asked for by name or id, else the cheapest. Raises Refused."""
    methods = shipping_methods(settings.SHOP_CURRENCY)
    wanted = text_in(user_data, "shipping_method", "shipping_method_id", "shipping")
    named = [method for method in methods if wanted.lower() in {method.name.lower(), str(method.pk)}]
    if wanted and len(named) != 1:
        names = ", ".join(method.name for method in methods)
        raise Refused(f"There is no shipping method of that name. On offer: {names}. {NOTHING_CHARGED}")
    if not methods:
        raise Refused(f"Nothing can be shipped in {settings.SHOP_CURRENCY}. {NOTHING_CHARGED}")
    chosen = (named or sorted(methods, key=lambda method: (method.rate_amount, method.pk)))[0]  # type: ignore[attr-defined]
    return chosen.pk, f"{chosen.name}, {'as asked for' if wanted else 'the cheapest'}"


def _filled_note(view: CheckoutView, how: str) -> str:
    pieces = ", ".join(f"{line.quantity} x {line.offer.full_name}" for line in view.lines)
    return f"A checkout with {pieces}; {how}."


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
    services.complete(row, sold, charge_key=row.source)  # of nothing; the hold has an end, too
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
