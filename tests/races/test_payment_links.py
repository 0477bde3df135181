"""A link's button pressed by many at the same moment: one order, one session, one charge; and one link a cart."""

import pytest

from carts.models import Cart
from orders.models import Order
from orders.states import OrderStatus
from payments import links, reconcile, services
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentLink, TestCharge
from payments.states import OPEN, LinkState
from tests.checkouts.shopping import deliver_events, pay, ready_session, shelf
from tests.payments.builders import TOTAL as ORDERED
from tests.payments.builders import make_order
from tests.payments.linked import link_to, press, shop_cart, state
from tests.races.crowd import together

pytestmark = pytest.mark.usefixtures("ten_shirts")
CROWD = 8


def kept() -> int:
    return sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())


def everybody_pays() -> None:
    """On every page of the gateway that anybody has open; and the reconciler finds what was too busy to be written."""
    for charge in TestCharge.objects.all():
        TestGateway().answer_shopper(charge.reference, approves=True)
    deliver_events()
    for payment in Payment.objects.filter(status__in=OPEN):
        reconcile.look_up(payment.pk)
    deliver_events()


def test_many_clicks_on_a_cart_are_one_order_and_one_charge():
    link = link_to(shop_cart(pieces=2))
    together(CROWD, lambda _: press(link))
    assert Order.objects.count() == 1
    assert Payment.objects.filter(status__in=OPEN).count() == 1
    assert shelf() == (10, 2)
    everybody_pays()
    assert (kept(), shelf(), state(link)) == (link.amount, (8, 0), LinkState.PAID)


def test_link_and_order_page_at_the_same_moment_are_one_charge():
    order = make_order()
    link, _ = links.for_order(order.pk)
    ways = [
        lambda: press(link),
        lambda: services.pay_order(order.pk, provider="stripe", instrument="tok_visa"),
    ]
    together(CROWD, lambda number: ways[number % 2]())
    everybody_pays()
    assert (kept(), state(link)) == (ORDERED, LinkState.PAID)


def test_link_and_checkout_at_the_same_moment_are_one_purchase():
    session = ready_session(pieces=1)
    link = link_to(Cart.objects.get())
    ways = [lambda: press(link), lambda: pay(session)]
    together(CROWD, lambda number: ways[number % 2]())
    everybody_pays()
    assert Order.objects.filter(status=OrderStatus.ACCEPTED).count() == 1
    assert (kept(), shelf()) == (link.amount, (9, 0))


def test_many_who_want_a_link_get_the_same_one():
    cart = shop_cart()
    found = together(CROWD, lambda _: link_to(cart).pk)
    assert (len(set(found)), PaymentLink.objects.count()) == (1, 1)
