"""A cart that can be bought in its checkout and by its payment link is bought once."""

import pytest

from carts.models import Cart, CartLine, Door
from carts.states import CartStatus
from catalog.models import Stock
from checkouts import intents
from checkouts.intents import Item
from checkouts.models import Checkout, ShippingMethod
from checkouts.states import CheckoutStatus
from common.errors import ErrorCode
from orders.models import Order
from orders.states import OrderStatus
from payments import services
from payments.gateways.base import GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentLink, TestCharge
from payments.states import LinkState
from payments.states import PaymentStatus as S
from tests.checkouts.shopping import (
    SHIPPING,
    SHIRT,
    checkout_of,
    deliver_events,
    pay,
    ready_session,
    refused,
    shelf,
    shopper_answers,
)
from tests.factories import ADDRESS, MEDIUM_BLUE_ID, demo_shop
from tests.payments.linked import approve, link_to, look, press, state


@pytest.fixture
def session(shop):
    return ready_session(pieces=1)


@pytest.fixture
def shop(db):
    return demo_shop(on_hand=1)


@pytest.fixture
def link(session) -> PaymentLink:
    return link_to(Cart.objects.get())


def kept() -> int:
    return sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())


def test_a_link_asks_for_what_the_checkout_came_to(shop):
    ready_session(pieces=1, code="SUMMER25")
    link = link_to(Cart.objects.get())
    assert link.amount == SHIRT - 625 + SHIPPING
    order = press(link).order
    assert (order.shipping_address, order.shipping_method_name, order.discount_code) == (
        ADDRESS,
        "Standard Shipping",
        "SUMMER25",
    )
    assert order.lines.get().discount_amount == 625


def test_an_empty_cart_has_no_link_though_its_shipping_would_cost_something(session):
    CartLine.objects.all().delete()
    with refused(ErrorCode.NOTHING_TO_PAY):
        link_to(Cart.objects.get())


def test_an_intents_cart_is_paid_with_what_its_buyer_wrote(shop):
    Stock.objects.update(on_hand=3)
    items = [Item(MEDIUM_BLUE_ID, 2, customization={"note": "For Ada"}), Item(MEDIUM_BLUE_ID, 1)]
    intents.begin(items, currency="USD", buyer="supabase:1", email="ada@example.com")
    cart = Cart.objects.get()
    assert cart.door == Door.INTENT
    by_link = press(link_to(cart)).order
    assert (by_link.buyer, by_link.total_amount) == ("supabase:1", 3 * SHIRT)
    assert list(by_link.lines.values_list("quantity", "customization")) == [(2, {"note": "For Ada"}), (1, {})]
    assert Payment.objects.get(instrument=services.IN_BROWSER).status == S.VOIDED
    approve(Payment.objects.get(order=by_link))
    assert (kept(), shelf()) == (3 * SHIRT, (0, 0))


def test_what_the_checkout_said_counts_also_when_its_time_is_over(session, link):
    Checkout.objects.update(status=CheckoutStatus.EXPIRED)
    assert (state(link), press(link).amount) == (LinkState.OPEN, SHIRT + SHIPPING)


def test_another_way_of_shipping_changes_what_is_owed(session, link):
    ShippingMethod.objects.update(is_active=False)
    assert state(link) == LinkState.CHANGED
    assert link_to(Cart.objects.get()).amount == SHIRT


def test_a_new_address_does_not(session, link):
    Checkout.objects.update(shipping_address=ADDRESS | {"city": "Oakland"})
    assert state(link) == LinkState.OPEN
    assert press(link).order.shipping_address["city"] == "Oakland"


def test_a_try_that_was_declined_at_the_checkout_blocks_nobody(shop):
    session = ready_session(pieces=1, code="ONCE")
    with refused(ErrorCode.PAYMENT_DECLINED):
        pay(session, "tok_chargeDeclined")  # the last shirt and the only use of the code are held by it
    link = link_to(Cart.objects.get())
    assert link.amount == SHIRT - 500 + SHIPPING
    approve(press(link))
    with refused(ErrorCode.CART_CLOSED):
        press(link)
    assert (kept(), shelf()) == (link.amount, (0, 0))


def test_the_links_own_use_of_a_code_is_its_own(shop):
    ready_session(pieces=1, code="ONCE")
    link = link_to(Cart.objects.get())
    press(link)
    assert (state(link), press(link).status) == (LinkState.OPEN, S.REQUIRES_ACTION)


def test_an_approval_that_was_left_at_the_checkout_makes_way_for_the_link(session, link):
    at_checkout = pay(session, "tok_threeDSecureRequired").payment
    by_link = press(link)
    at_checkout.refresh_from_db()
    assert (at_checkout.status, by_link.status) == (S.VOIDED, S.REQUIRES_ACTION)
    approve(by_link)
    shopper_answers(at_checkout, approves=True)
    deliver_events()
    assert (kept(), Order.objects.filter(status=OrderStatus.ACCEPTED).count()) == (SHIRT + SHIPPING, 1)


def test_a_session_of_the_link_that_was_left_makes_way_for_the_checkout(session, link):
    left = press(link)
    done = pay(session)
    left.refresh_from_db()
    assert (left.status, done.order.status, done.order.source) == (
        S.VOIDED,
        OrderStatus.ACCEPTED,
        checkout_of(session).source,
    )
    deliver_events()
    assert (state(link), look(link).order) == (LinkState.PAID, done.order)
    assert (kept(), shelf()) == (SHIRT + SHIPPING, (0, 0))


def test_what_the_link_bought_the_checkout_does_not_buy_again(session, link):
    order = press(link).order
    TestGateway().answer_shopper(Payment.objects.get().gateway_reference, approves=True)
    with refused(ErrorCode.CHECKOUT_COMPLETED) as refusal:
        pay(session)
    assert refusal.value.values["order"] == order.pk
    deliver_events()
    assert checkout_of(session).status == CheckoutStatus.EXPIRED  # nobody's basket shows it any more
    assert (kept(), Cart.objects.get().status) == (SHIRT + SHIPPING, CartStatus.CONVERTED)


def test_while_a_payment_by_the_link_is_in_doubt_the_checkout_waits(session, link, monkeypatch):
    def lost(self: object, *args: object, **kwargs: object) -> GatewayResult:
        raise GatewayUnavailable("The connection broke.")

    with monkeypatch.context() as patch:
        patch.setattr(TestGateway, "host", lost)
        press(link)
    with refused(ErrorCode.PAYMENT_IN_PROGRESS):
        pay(session)
    assert (checkout_of(session).status, Payment.objects.count()) == (CheckoutStatus.ACTIVE, 1)


def test_money_for_an_order_that_another_replaced_goes_back(session, link):
    left = press(link)
    pay(session)
    Stock.objects.update(on_hand=5)  # it could be had again, but nobody wants it twice
    TestCharge.objects.filter(reference=left.gateway_reference).update(
        outcome=Outcome.CAPTURED, captured_amount=left.amount
    )
    late = GatewayResult(Outcome.CAPTURED, left.gateway_reference, left.amount, "USD", left.amount)
    services.apply_result(left.pk, late, heard_from="webhook")
    deliver_events()
    left.refresh_from_db()
    assert (left.order.status, left.surplus_amount, left.refunded_amount) == (
        OrderStatus.CANCELED,
        left.amount,
        left.amount,
    )
    assert (kept(), Order.objects.filter(status=OrderStatus.ACCEPTED).count()) == (SHIRT + SHIPPING, 1)


def test_a_redirected_payment_that_failed_is_paid_by_the_link(session):
    shopper_answers(pay(session, "tok_threeDSecureRequired").payment, approves=False)
    link = link_to(Cart.objects.get())
    assert approve(press(link)).status == S.CAPTURED
    assert (kept(), shelf(), state(link)) == (SHIRT + SHIPPING, (0, 0), LinkState.PAID)
