"""The test card from which another amount is taken: what the shopper is told, and the three ways in which staff settles
it. So a payment in review can be tried in the demo."""

from __future__ import annotations

import pytest
from django.core import mail

from orders.links import token_of
from orders.models import Order
from orders.states import OrderStatus
from payments import comparison
from payments.models import Difference, Payment, TestCharge
from payments.states import PaymentStatus
from tests.checkouts.pages.shopper import Shopper
from tests.checkouts.shopping import deliver_events
from tests.dashboard.pressed import after, has_button, page, press
from tests.factories import demo_shop
from tests.payments.test_comparison import night

TOKEN, ASKED, TAKEN = "tok_otherAmount", 3098, 3198
WAYS = ("take_as_ours", "pay_back", "not_ours")
LOOKED_AT = "We are looking at your payment of $30.98 to Demo Shop"  # written as soon as it is in review


@pytest.fixture
def shopper(db, client) -> Shopper:
    demo_shop()
    return Shopper(client)


@pytest.fixture
def told(shopper) -> str:
    """What the shopper reads who has bought with it."""
    shopper.add()
    return shopper.shown(shopper.buy(test_card=TOKEN))


@pytest.fixture
def payment(told) -> Payment:
    deliver_events()
    return Payment.objects.get()


def test_the_shopper_is_told_to_keep_the_address_of_a_page_that_says_what_becomes_of_it(told):
    assert "We are looking at your payment" in told
    assert "Keep this page's address" in told


def path_of_order() -> str:
    return f"/orders/{token_of(Order.objects.get())}"


def status() -> str:
    return Order.objects.get().status


def letters() -> list[str]:
    """What the shopper was written."""
    deliver_events()
    return [letter.subject for letter in mail.outbox]


def at_the_gateway() -> int:
    charge = TestCharge.objects.latest("id")
    return charge.captured_amount - charge.refunded_amount


class TestTheShopper:
    def test_reads_that_somebody_looks_at_it_and_not_that_it_is_paid(self, told):
        assert "We are looking at your payment" in told
        assert "Please do not pay again" in told
        for words in ("confirmed", "Nothing was charged", "keep asking", "Pay again", "paid"):
            assert words not in told

    def test_gets_no_mail_that_it_is_paid(self, payment):
        assert (payment.status, status(), letters()) == (PaymentStatus.REVIEW, OrderStatus.PENDING, [LOOKED_AT])

    def test_can_choose_the_card_in_the_demo(self, shopper):
        shopper.add()
        assert f'<option value="{TOKEN}">' in shopper.get("/checkout/").content.decode()


class TestStaff:
    def test_finds_it_on_the_home_page(self, admin_client, payment):
        needs = admin_client.get("/admin/").context["needs"]
        assert [(need.title, need.count) for need in needs if "review" in need.title] == [("Payments in review", 1)]

    def test_reads_what_the_gateway_took(self, admin_client, payment):
        html = page(admin_client, payment)
        assert "Asked for $30.98; the gateway says $31.98" in html
        assert all(has_button(html, payment, way) for way in WAYS)

    def test_takes_it_as_ours_and_the_rest_goes_back(self, admin_client, shopper, payment):
        assert "$1.00 goes back" in after(admin_client, payment, "take_as_ours")
        number = Order.objects.get().number
        assert sorted(letters()) == ["Demo Shop has paid back $1.00", LOOKED_AT, f"Your order {number} at Demo Shop"]
        assert (status(), at_the_gateway()) == (OrderStatus.ACCEPTED, ASKED)
        assert "Your order is confirmed." in shopper.shown(shopper.get(path_of_order()))

    def test_pays_it_back_and_the_order_can_be_paid_again(self, admin_client, shopper, payment):
        assert "$31.98 went back." in after(admin_client, payment, "pay_back")
        assert (status(), at_the_gateway()) == (OrderStatus.PENDING, 0)
        assert letters() == [LOOKED_AT, "Demo Shop has paid back $31.98"]
        shown = shopper.shown(shopper.get(path_of_order()))
        assert "What you paid goes back to where it came from." in shown
        assert "pay again below" in shown
        again = shopper.client.post(path_of_order(), {"provider": "stripe", "test_card": "tok_visa"})
        assert "Your order is confirmed." in shopper.shown(again)
        assert Order.objects.get().kept_amount == ASKED

    def test_reads_on_the_timeline_which_way_was_taken(self, admin_client, payment):
        html = after(admin_client, payment, "pay_back")
        assert "Staff settled that $31.98 goes back" in html
        assert "as ours" not in html

    def test_settles_it_as_not_ours_and_the_order_can_be_paid_again(self, admin_client, shopper, payment):
        assert "Nothing of the payment counts." in after(admin_client, payment, "not_ours")
        assert (status(), at_the_gateway()) == (OrderStatus.PENDING, TAKEN)
        assert letters() == [LOOKED_AT, "Your order at Demo Shop is not paid yet"]
        shown = shopper.shown(shopper.get(path_of_order()))
        assert "This payment did not match the order. We keep your order until" in shown
        assert "Your payment did not pay this order" in shown
        for denial in ("Nothing was charged", "did not go through"):
            assert denial not in shown
        again = shopper.client.post(path_of_order(), {"provider": "stripe", "test_card": "tok_visa"})
        assert "Your order is confirmed." in shopper.shown(again)

    @pytest.mark.parametrize("way", WAYS)
    def test_has_settled_it_in_the_gateways_books_too(self, admin_client, payment, way):
        after(admin_client, payment, way)
        deliver_events()
        assert night() == 1
        assert not Difference.objects.exists()
        comparison.compare(payment)
        assert Payment.objects.get().status == payment.status

    def test_pays_the_order_back_afterwards_and_no_more_than_it_cost(self, admin_client, payment):
        after(admin_client, payment, "take_as_ours")
        deliver_events()
        order = Order.objects.get()
        press(admin_client, order, "refund", amount="30.99", reason="Broken")
        assert at_the_gateway() == ASKED
        after(admin_client, order, "refund", amount="30.98", reason="Broken")
        assert at_the_gateway() == 0
