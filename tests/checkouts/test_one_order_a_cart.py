"""A cart that came to a second checkout, by a recovery link or by staff, is bought once."""

from __future__ import annotations

import pytest

from checkouts import again, services
from checkouts.queries import CheckoutView
from common.errors import ErrorCode
from orders.models import Order
from orders.states import OrderStatus
from payments import services as payments
from payments.gateways.base import Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, TestCharge
from tests.checkouts.shopping import checkout_of, deliver_events, pay, ready_session, refused
from tests.factories import ADDRESS

pytestmark = pytest.mark.usefixtures("small_shop")


def yes_after_all(payment: Payment) -> None:
    charges = TestCharge.objects.filter(reference=payment.gateway_reference)
    charges.update(outcome=Outcome.CAPTURED, captured_amount=payment.amount)
    said = TestGateway().look_up(reference=payment.gateway_reference, key="")
    payments.apply_result(payment.pk, said, heard_from="webhook")


def kept() -> int:
    return sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())


@pytest.fixture
def begun_again(db) -> CheckoutView:
    """The first checkout's card was declined; a recovery link opened a second one on another device."""
    session = ready_session()
    with refused(ErrorCode.PAYMENT_DECLINED):
        pay(session, "tok_chargeDeclined")
    view = again.begin_again(checkout_of(session).cart_id)
    services.set_shipping_address(view.checkout.session_key, ADDRESS)
    return view


def is_bought_once() -> bool:
    order = Order.objects.get(status=OrderStatus.ACCEPTED)
    return kept() == order.total_amount


def test_a_no_that_becomes_a_yes_ends_the_second_checkout(begun_again):
    yes_after_all(Payment.objects.get())
    with refused(ErrorCode.CHECKOUT_COMPLETED):
        pay(begun_again.checkout.session_key)
    deliver_events()
    with refused(ErrorCode.CHECKOUT_NOT_FOUND):
        pay(begun_again.checkout.session_key)
    assert is_bought_once()


def test_a_no_that_becomes_a_yes_while_the_second_is_being_paid_goes_back(begun_again):
    first = Payment.objects.get()
    pay(begun_again.checkout.session_key, "tok_threeDSecureRequired")
    yes_after_all(first)
    yes_after_all(Payment.objects.latest("id"))
    deliver_events()
    assert is_bought_once()


def test_one_marked_as_bought_by_hand_can_still_be_bought(begun_again):
    cart = begun_again.checkout.cart
    type(cart).objects.filter(pk=cart.pk).update(status="recovered")
    assert pay(begun_again.checkout.session_key).order.is_paid
