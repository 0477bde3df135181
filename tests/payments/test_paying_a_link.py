"""However often a link's button is pressed, on however many devices: one order, one charge."""

import pytest

from carts.models import Cart, CartLine
from carts.states import CartStatus
from catalog.models import Stock
from common.errors import ErrorCode
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from payments import captures, expiry, links, reconcile, services
from payments.gateways.base import GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentLink, TestCharge
from payments.states import LinkState
from payments.states import PaymentStatus as S
from tests.checkouts.shopping import let_order_run_out, refused, shelf
from tests.factories import demo_shop
from tests.payments.builders import TOTAL as ORDERED
from tests.payments.builders import make_order
from tests.payments.linked import (
    SHIRT,
    TOLD,
    approve,
    deliver_events,
    let_link_run_out,
    link_to,
    look,
    press,
    shop_cart,
    state,
    told_cart,
)


@pytest.fixture(autouse=True)
def shop(db):
    return demo_shop()


@pytest.fixture
def unreachable(monkeypatch):
    """The gateway does what it is asked, and its answers are lost."""

    def lost(self: object, *args: object, **kwargs: object) -> GatewayResult:
        raise GatewayUnavailable("The connection broke.")

    def cut() -> None:
        for verb in ("host", "void", "look_up"):
            monkeypatch.setattr(TestGateway, verb, lost)

    return cut


def kept() -> int:
    """What the gateway has of the shopper's money, less what it gave back."""
    return sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())


def test_pressing_makes_the_cart_an_order_that_waits_at_the_gateway():
    cart = shop_cart(pieces=2)
    payment = press(link_to(cart))
    order = Order.objects.get()
    assert (payment.status, payment.instrument, payment.amount) == (S.REQUIRES_ACTION, services.HOSTED, 2 * SHIRT)
    assert order.source.startswith(f"cart:{cart.pk}:v")
    assert (order.status, order.email, order.cart_id) == (OrderStatus.PENDING, cart.email, cart.pk)
    assert shelf() == (5000, 2)


def test_paid_it_is_an_accepted_order_and_the_cart_is_bought():
    for cart, status in ((told_cart(), CartStatus.RECOVERED), (shop_cart(), CartStatus.CONVERTED)):
        link = link_to(cart)
        payment = approve(press(link))
        deliver_events()
        cart.refresh_from_db()
        link.refresh_from_db()
        assert (payment.order.status, cart.status) == (OrderStatus.ACCEPTED, status)
        assert (state(link), link.ended_at is not None) == (LinkState.PAID, True)
    assert shelf() == (4999, 0)


def test_another_stores_things_become_lines_without_a_shelf():
    press(link_to(told_cart()))
    line = Order.objects.get().lines.get()
    assert (line.variant_id, line.product_name, line.quantity, line.unit_amount) == (None, "Product Name", 2, 4999)


def test_a_session_that_was_left_is_closed_before_a_new_one_is_opened():
    link = link_to(shop_cart())
    left, fresh = press(link), press(link)
    left.refresh_from_db()
    assert (left.status, fresh.status) == (S.VOIDED, S.REQUIRES_ACTION)
    TestGateway().answer_shopper(left.gateway_reference, approves=True)  # the old tab is still open
    approve(fresh)
    assert (Order.objects.count(), kept(), shelf()) == (1, SHIRT, (4999, 0))


def test_one_that_turns_out_paid_is_not_paid_again():
    link = link_to(told_cart())
    TestGateway().answer_shopper(press(link).gateway_reference, approves=True)
    with refused(ErrorCode.CART_CLOSED):
        press(link)
    assert (state(link), kept(), Payment.objects.count()) == (LinkState.PAID, TOLD, 1)


def test_a_payment_in_doubt_is_asked_about_and_not_repeated(unreachable):
    link = link_to(told_cart())
    unreachable()
    assert press(link).status == S.PROCESSING
    assert (state(link), look(link).order) == (LinkState.ASKING, Order.objects.get())
    line = OrderLine.objects.get()
    with refused(ErrorCode.PAYMENT_IN_PROGRESS):
        press(link)
    assert (Payment.objects.count(), OrderLine.objects.get()) == (1, line)  # what was asked for stands untouched


def test_a_left_session_that_cannot_be_closed_is_the_one_to_go_on_with(unreachable):
    link = link_to(told_cart())
    left = press(link)
    unreachable()
    with refused(ErrorCode.PAYMENT_IN_PROGRESS):
        press(link)
    left.refresh_from_db()
    assert (left.status, Payment.objects.count()) == (S.REQUIRES_ACTION, 1)


def test_a_second_success_goes_back_in_full():
    link = link_to(told_cart())
    left, fresh = press(link), press(link)
    approve(fresh)
    charge = TestCharge.objects.get(reference=left.gateway_reference)
    TestCharge.objects.filter(pk=charge.pk).update(outcome=Outcome.CAPTURED, captured_amount=TOLD)
    late = GatewayResult(Outcome.CAPTURED, left.gateway_reference, TOLD, "USD", TOLD)
    services.apply_result(left.pk, late, heard_from="webhook")
    deliver_events()
    order = Order.objects.get()
    assert (order.captured_amount, order.surplus_amount, order.refunded_amount) == (2 * TOLD, TOLD, TOLD)
    assert kept() == TOLD


def test_a_no_leaves_the_link_open_and_says_why(monkeypatch):
    link = link_to(told_cart())

    def no(self: object, request: object) -> GatewayResult:
        raise GatewayRefused("PayPal does not take USD.")

    with monkeypatch.context() as patch:
        patch.setattr(TestGateway, "host", no)
        assert press(link, "paypal").status == S.DECLINED
    view = look(link)
    assert (view.state, view.last_payment.message) == (LinkState.OPEN, "PayPal does not take USD.")
    assert approve(press(link, "stripe")).status == S.CAPTURED


def test_an_order_that_ran_out_is_placed_anew_by_the_next_press():
    link = link_to(shop_cart())
    order = press(link).order
    let_order_run_out(order.pk)
    expiry.cancel_expired()
    assert (state(link), shelf()) == (LinkState.OPEN, (5000, 0))
    payment = approve(press(link))
    assert (payment.order_id, payment.order.status, shelf()) == (order.pk, OrderStatus.ACCEPTED, (4999, 0))


def test_what_is_sold_out_says_so_and_takes_no_money():
    link = link_to(shop_cart(pieces=3))
    Stock.objects.update(on_hand=2)
    with refused(ErrorCode.SOLD_OUT) as refusal:
        press(link)
    assert refusal.value.values["variant"] == "Organic Cotton T-Shirt (Medium / Blue)"
    assert (Order.objects.count(), TestCharge.objects.count(), state(link)) == (0, 0, LinkState.OPEN)


def test_a_dead_link_opens_nothing():
    cart = shop_cart()
    replaced = link_to(cart)
    CartLine.objects.update(quantity=2)
    changed = link_to(cart)
    CartLine.objects.update(quantity=3)
    expired, ended = link_to(told_cart()), link_to(told_cart())
    let_link_run_out(expired)
    links.end(ended.pk)
    for link in (replaced, changed, expired, ended):
        with refused(ErrorCode.LINK_DEAD):
            press(link)
    with refused(ErrorCode.PAYMENT_PROVIDER_UNKNOWN):
        press(link_to(cart), "barter")
    assert not Order.objects.exists()


def test_a_link_that_was_ended_while_its_session_is_open_is_still_paid():
    link = link_to(told_cart())
    payment = press(link)
    links.end(link.pk)
    assert approve(payment).status == S.CAPTURED
    assert state(link) == LinkState.PAID


# --- orders ---------------------------------------------------------------------------------------
def test_an_order_made_by_staff_is_paid_by_its_link():
    order = make_order()
    link, _ = links.for_order(order.pk, created_by="merchant")
    payment = approve(press(link))
    assert (payment.order, payment.amount, state(link)) == (order, ORDERED, LinkState.PAID)
    assert shelf() == (4998, 0)


def test_link_and_order_page_at_the_same_time_are_one_charge():
    order = make_order()
    link, _ = links.for_order(order.pk)
    on_order_page = services.pay_order(order.pk, provider="stripe", instrument="tok_threeDSecureRequired")
    by_link = press(link)
    on_order_page.refresh_from_db()
    assert (on_order_page.status, by_link.status) == (S.VOIDED, S.REQUIRES_ACTION)
    with refused(ErrorCode.PAYMENT_IN_PROGRESS):
        services.pay_order(order.pk, provider="stripe", instrument="tok_visa")
    approve(by_link)
    assert (kept(), Order.objects.count()) == (ORDERED, 1)


def test_the_rest_of_a_part_paid_order_is_paid_by_its_link():
    order = make_order()
    Order.objects.update(takes_parts=True)
    order.refresh_from_db()
    captures.report(order, capture_id="CAP-1", amount=1000, key="")
    link, _ = links.for_order(order.pk)
    payment = approve(press(link))
    assert (payment.amount, payment.order.status, payment.order.due_amount) == (ORDERED - 1000, OrderStatus.ACCEPTED, 0)
    assert state(link) == LinkState.PAID


def test_an_order_that_changed_between_looking_and_pressing_is_not_paid():
    order = make_order()
    link, _ = links.for_order(order.pk)
    Order.objects.update(takes_parts=True, captured_amount=1)
    with refused(ErrorCode.LINK_DEAD):
        press(link)
    assert PaymentLink.objects.get().ended_at is None


def test_a_cart_deleted_meanwhile_opens_nothing():
    link = link_to(told_cart())
    Cart.objects.all().delete()
    with refused(ErrorCode.LINK_DEAD):
        press(link)


def test_without_webhooks_the_reconciler_finds_out_that_it_was_paid():
    link = link_to(told_cart())
    payment = press(link)
    TestGateway().answer_shopper(payment.gateway_reference, approves=True)
    Payment.objects.update(ask_again_at=payment.created_at)
    reconcile.settle_doubtful()
    assert state(link) == LinkState.PAID
