"""Every mail that shoppers get, written about a purchase that nobody made, or about an order that is there.

Nothing is sent or stored, and the links in them lead nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from carts.models import Cart
from common import mails
from common.mails import Letter, Link
from orders import mails as order_mails
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from payments import mails as money_mails
from payments import owed
from payments.models import PaymentLink
from recovery import letters
from recovery.models import Step, StepText
from recovery.things import Thing

_STEP = "step-"
_MOST_STEPS = 50
_SHIRT, _MUG = 2499, 1450
_SHIPPING, _DISCOUNT = 599, 645


@dataclass(frozen=True)
class Shown:
    subject: str
    text: str
    html: str


# --- of orders ------------------------------------------------------------------------------------
def _part_paid(order: Order) -> Letter:
    waiting = copy(order)
    waiting.captured_amount = min(order.captured_amount, order.total_amount // 2) or order.total_amount // 2
    return money_mails.part_paid(waiting)


def _refunded(order: Order) -> Letter:
    back = copy(order)
    back.captured_amount = order.captured_amount or order.total_amount
    back.refunded_amount = order.refunded_amount or order.total_amount // 4
    return money_mails.refunded(back, back.refunded_amount)


def _asked_to_pay(order: Order) -> Letter:
    unpaid = copy(order)
    unpaid.captured_amount = unpaid.surplus_amount = 0
    link = PaymentLink(expires_at=timezone.now() + timedelta(seconds=settings.PAYMENT_LINK_EXPIRES_AFTER_SECONDS))
    return money_mails.asked_to_pay(owed.of_order(unpaid), link, f"{settings.BASE_URL}/pay/")


_OF_ORDERS: dict[str, tuple[str, Callable[[Order], Letter]]] = {
    "confirmation": ("Order confirmation", order_mails.confirmation),
    "shipped": ("On its way", order_mails.shipped),
    "part-paid": ("A part is paid", _part_paid),
    "payment-failed": ("Payment did not go through", lambda order: money_mails.failed(order, order.total_amount)),
    "payment-in-review": ("We look at a payment", lambda order: money_mails.in_review(order, order.total_amount)),
    "payment-not-matching": ("Payment was not for this order", money_mails.not_matching),
    "refunded": ("Money went back", _refunded),
    "canceled": ("Order canceled", lambda order: money_mails.canceled(order, order.captured_amount)),
    "payment-link": ("Payment link", _asked_to_pay),
}


# --- all of them ----------------------------------------------------------------------------------
def kinds(*, with_recovery: bool) -> list[tuple[str, str]]:
    """Names and titles. `with_recovery`: also the steps of recovery sequences."""
    steps = Step.objects.select_related("sequence").order_by("sequence", "delay_seconds")[:_MOST_STEPS]
    of_steps = [(f"{_STEP}{step.pk}", f"Recovery: {step}") for step in (steps if with_recovery else ())]
    return [*((name, title) for name, (title, _) in _OF_ORDERS.items()), *of_steps]


def write(kind: str, language: str, order: Order | None = None) -> Shown | None:
    """One of `kinds`; None for a step without a text."""
    if kind.startswith(_STEP):
        return _of_step(int(kind.removeprefix(_STEP)), language)
    with override(language):
        letter = _OF_ORDERS[kind][1](order or sample_order())
    letter = replace(letter, button=Link(letter.button.label, f"{settings.BASE_URL}/preview"))
    return Shown(letter.subject, mails.text_of(letter), mails.html_of(letter))


def _of_step(step_id: int, language: str) -> Shown | None:
    step = Step.objects.get(pk=step_id)
    cart = Cart(
        email="ada@example.com",
        full_name="Ada Lovelace",
        language=language,
        currency=step.currency or settings.SHOP_CURRENCY,
    )
    try:
        letter = letters.write(cart, step, _things(), now=timezone.now())
    except StepText.DoesNotExist:
        return None
    return Shown(letter.subject, str(letter.message.body), letter.html)


def _things() -> list[Thing]:
    def thing(name: str, variant: str, quantity: int, amount: int, slug: str) -> Thing:
        return Thing(name, variant, quantity, amount, slug, None, is_for_sale=True, available=quantity)

    return [
        thing("Organic Cotton T-Shirt", "Medium / Blue", 2, _SHIRT, "organic-cotton-t-shirt"),
        thing("Enamel Mug", "White", 1, _MUG, "enamel-mug"),
    ]


def sample_order() -> Order:
    """Paid, with a discount; never saved."""
    items = 2 * _SHIRT + _MUG
    total = items - _DISCOUNT + _SHIPPING
    now = timezone.now()
    order = Order(
        pk=0,
        number=f"ORD-{now.year}-0001",
        status=OrderStatus.ACCEPTED,
        email="ada@example.com",
        full_name="Ada Lovelace",
        shipping_address={
            "address_line1": "123 Main Street",
            "address_line2": "Apt 4B",
            "city": "Springfield",
            "state": "IL",
            "postal_code": "62704",
            "country": "US",
        },
        shipping_method_name="Standard Shipping",
        discount_code="TEN",
        currency=settings.SHOP_CURRENCY,
        items_amount=items,
        discount_amount=_DISCOUNT,
        shipping_amount=_SHIPPING,
        total_amount=total,
        captured_amount=total,
        accepted_at=now,
        carrier="Royal Mail",
        tracking_number="RM 1234 5678 9GB",
    )
    lines = [
        OrderLine(product_name=one.name, variant_name=one.variant, unit_amount=one.unit_amount, quantity=one.quantity)
        for one in _things()
    ]
    order._prefetched_objects_cache = {"lines": lines}  # type: ignore[attr-defined]
    return order
