"""Mails, presses of their buttons and purchases at given moments, for the recovery figures."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from carts.models import Cart, Door
from carts.states import CartStatus
from common.persons import email_key
from orders.models import Order
from orders.states import OrderStatus
from payments.models import Payment, Refund
from payments.states import PaymentStatus, RefundStatus
from recovery.models import Click, Enrolment, Message, RecoveryLink, Sequence, Step
from recovery.states import Outcome, Reason
from tests.analytics.builders import at

_numbers = itertools.count(1)
SENT_AT = at()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def make_step(*, delay: int = 3600, sequence: Sequence | None = None, **values: Any) -> Step:
    sequence = sequence or Sequence.objects.create(name="Three mails")
    return Step.objects.create(sequence=sequence, delay_seconds=delay, **values)


def make_cart(moment: datetime = SENT_AT, *, currency: str = "USD", email: str = "", **values: Any) -> Cart:
    """Left an hour before `moment`, by somebody of their own unless `email` says who."""
    left = moment - HOUR
    own = {"first_abandoned_at": left, "abandoned_at": left, "status": CartStatus.ABANDONED, "door": Door.SHOP}
    email = email or f"person.{next(_numbers)}@example.com"
    return Cart.objects.create(**{"currency": currency, "email": email} | own | values)


def enrol(cart: Cart, step: Step, **values: Any) -> Enrolment:
    spell_at = cart.abandoned_at or SENT_AT
    times = {"spell_at": spell_at, "origin_at": spell_at, "due_at": spell_at, "ended_at": spell_at}
    own = {"cart": cart, "sequence": step.sequence, "person": email_key(cart.email)}
    return Enrolment.objects.create(**own | times | values)


def send(
    cart: Cart,
    step: Step,
    moment: datetime = SENT_AT,
    *,
    outcome: Outcome = Outcome.SENT,
    language: str = "en",
    **link: Any,
) -> Message:
    """A mail about the cart, with its link. `link`: more of the link's values."""
    enrolment = Enrolment.objects.filter(cart=cart, sequence=step.sequence).first() or enrol(cart, step)
    own = {"enrolment": enrolment, "step": step, "person": enrolment.person, "decided_at": moment}
    if outcome == Outcome.SKIPPED:
        return Message.objects.create(outcome=outcome, reason=Reason.CAPPED, **own)
    message = Message.objects.create(outcome=outcome, language=language, **own)
    RecoveryLink.objects.create(
        token_hash=f"hash {next(_numbers)}", cart=cart, message=message, expires_at=moment + 30 * DAY, **link
    )
    return message


def press(message: Message, moment: datetime) -> Click:
    return Click.objects.create(link=message.link, at=moment)


def accept_order(email: str, moment: datetime, *, cart: Cart | None = None, amount: int = 1000, **values: Any) -> Order:
    """An order that was accepted and paid. `amount`: minor units."""
    number = next(_numbers)
    order = Order.objects.create(
        **{
            "source": f"test:{number}",
            "number": f"T-{number}",
            "status": OrderStatus.ACCEPTED,
            "cart": cart,
            "email": email,
            "person": email_key(email),
            "currency": cart.currency if cart else "USD",
            "items_amount": amount,
            "discount_amount": 0,
            "shipping_amount": 0,
            "total_amount": amount,
            "captured_amount": amount,
            "accepted_at": moment,
            "expires_at": moment,
        }
        | values
    )
    pay(order, amount)
    return order


def pay(order: Order, amount: int, *, status: PaymentStatus = PaymentStatus.CAPTURED, **values: Any) -> Payment:
    number = next(_numbers)
    names = {
        "provider": "test",
        "gateway": "test",
        "gateway_reference": f"ref {number}",
        "idempotency_key": f"{number}",
    }
    own = {"order": order, "status": status, "currency": order.currency, "amount": amount, "captured_amount": amount}
    return Payment.objects.create(**names | own | values)


def ask_back(payment: Payment, amount: int, status: RefundStatus = RefundStatus.ASKED, *, of: str = "staff") -> Refund:
    """`of`: what its request key begins with; surplus goes back by itself."""
    key = f"{of}:{next(_numbers)}"
    return Refund.objects.create(
        payment=payment, request_key=key, idempotency_key=key, amount=amount, reason="", status=status
    )


def buy(cart: Cart, moment: datetime, *, amount: int = 1000, **values: Any) -> Order:
    """The cart is bought and paid."""
    Cart.objects.filter(pk=cart.pk).update(status=CartStatus.RECOVERED, bought_at=moment)
    cart.refresh_from_db()
    return accept_order(cart.email, moment, cart=cart, amount=amount, **values)
