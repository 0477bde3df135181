from datetime import timedelta

import pytest
from django.utils import timezone

from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from orders.links import token_of
from orders.models import Order
from payments import expiry, reconcile
from payments import services as payments
from payments.models import Payment
from tests.checkouts.pages.shopper import text_of
from tests.factories import make_product, make_variant


@pytest.fixture
def order_path(shopper) -> str:
    """An order that waits for the shopper's approval of a 3-D Secure payment."""
    shopper.add()
    shopper.buy(test_card="tok_threeDSecureRequired")
    return f"/orders/{token_of(Order.objects.get())}"


def answer(shopper, word: str):
    return shopper.client.post(f"/test-gateway/{Payment.objects.first().gateway_reference}", {"answer": word})


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 32 + ".AAAA", "%00", "é"])
def test_a_link_we_did_not_sign_is_not_found(shopper, token):
    for path in (f"/orders/{token}", f"/orders/{token}/return"):
        assert shopper.get(path).status_code == 404


def test_the_page_is_kept_by_nobody_and_its_address_told_to_nobody(shopper, order_path):
    response = shopper.get(order_path)
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"


def test_the_page_shows_what_was_agreed_to_whoever_has_the_link(shopper, order_path):
    shopper.client.cookies.clear()
    page = text_of(shopper.get(order_path))
    for words in ("Organic Cotton T-Shirt", "Standard Shipping", "123 Main Street", "United States", "$30.98"):
        assert words in page


def test_a_payment_that_waits_leads_on_to_its_approval(shopper, order_path):
    response = shopper.get(order_path)
    assert "approve your payment" in text_of(response)
    assert f'href="/test-gateway/{Payment.objects.get().gateway_reference}"' in response.content.decode()


def test_an_approved_payment_confirms_the_order_on_the_way_back(shopper, order_path):
    response = answer(shopper, "approve")
    assert response["Location"] == f"{order_path}/return?payment={Payment.objects.get().public_id.hex}"
    assert "Your order is confirmed." in shopper.shown(response)


def test_coming_back_twice_changes_nothing_more(shopper, order_path):
    answer(shopper, "approve")
    for _ in range(2):
        assert shopper.get(f"{order_path}/return")["Location"] == order_path
    assert Order.objects.get().captured_amount == 3098


def test_a_refused_payment_can_be_paid_again_on_the_orders_page(shopper, order_path):
    page = shopper.shown(answer(shopper, "decline"))
    assert "The payment did not go through" in page
    assert "Pay $30.98" in page
    response = shopper.client.post(order_path, {"provider": "stripe", "test_card": "tok_visa"})
    assert response["Location"] == order_path
    assert "Your order is confirmed." in shopper.shown(response)


def test_paying_again_may_be_declined_again(shopper, order_path):
    answer(shopper, "decline")
    shopper.get(f"{order_path}/return")
    page = shopper.shown(shopper.client.post(order_path, {"provider": "stripe", "test_card": "tok_chargeDeclined"}))
    assert "Your card was declined. Nothing was charged." in page
    assert "Pay $30.98" in page


def test_paying_again_may_ask_for_approval_again(shopper, order_path):
    answer(shopper, "decline")
    shopper.get(f"{order_path}/return")
    response = shopper.client.post(order_path, {"provider": "paypal"})
    assert response["Location"].startswith("/test-gateway/")


@pytest.mark.parametrize("fields", [{}, {"provider": "cash"}, {"provider": "stripe", "test_card": "4242"}])
def test_a_malformed_choice_charges_nothing(shopper, order_path, fields):
    answer(shopper, "decline")
    shopper.get(f"{order_path}/return")
    response = shopper.client.post(order_path, fields)
    assert response.status_code == 422
    assert "One thing is not right yet" in text_of(response)
    assert Payment.objects.count() == 1


def test_a_paid_order_is_not_charged_by_pressing_pay_once_more(shopper, order_path):
    answer(shopper, "approve")
    shopper.get(f"{order_path}/return")
    response = shopper.client.post(order_path, {"provider": "stripe", "test_card": "tok_visa"})
    assert response["Location"] == order_path
    assert Payment.objects.count() == 1


def test_an_order_past_its_time_can_no_longer_be_paid(shopper, order_path):
    answer(shopper, "decline")
    shopper.get(f"{order_path}/return")
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "It can no longer be paid." in text_of(shopper.get(order_path))
    expiry.cancel_expired()
    assert "This order was canceled" in text_of(shopper.get(order_path))


def test_a_card_declined_at_the_checkout_is_tried_again_there(shopper):
    shopper.add()
    shopper.buy(test_card="tok_chargeDeclined")
    path = f"/orders/{token_of(Order.objects.get())}"
    page = text_of(shopper.get(path))
    assert "Back to checkout" in page
    assert "Pay again" not in page
    shopper.client.post(path, {"provider": "stripe", "test_card": "tok_visa"})
    assert Payment.objects.count() == 1
    assert shopper.checkout.status == CheckoutStatus.ACTIVE


def test_coming_back_while_the_shop_is_busy_is_no_error(shopper, order_path, monkeypatch):
    from common.errors import DomainError, ErrorCode

    def busy(*args, **kwargs):
        raise DomainError(ErrorCode.BUSY)

    monkeypatch.setattr(reconcile, "look_up", busy)
    assert shopper.get(f"{order_path}/return")["Location"] == order_path


def test_the_page_costs_as_many_queries_for_many_lines_as_for_one(shopper, django_assert_num_queries):
    for lines in (1, 6):
        for number in range(lines):
            product = make_product(f"Mug {number}")
            shopper.add(variant=make_variant(product).pk, path=product.get_absolute_url())
        path = shopper.buy()["Location"]
        shopper.client.cookies.clear()
        with django_assert_num_queries(3):
            shopper.get(path)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(shopper, order_path, method):
    assert getattr(shopper.client, method)(order_path).status_code == 405
    assert shopper.client.post(f"{order_path}/return").status_code == 405


def test_a_return_from_an_older_payment_does_not_give_up_the_newer_one(shopper, order_path):
    """Two tabs: the first payment was given up for another way, and its tab comes back only now."""
    first = Payment.objects.get()
    expiry.give_up(first)
    Checkout.objects.update(status=CheckoutStatus.COMPLETED)
    second = payments.pay_order(first.order_id, provider="stripe", instrument="tok_threeDSecureRequired")
    shopper.get(f"{order_path}/return?payment={first.public_id.hex}&canceled=1")
    second.refresh_from_db()
    assert second.status == "requires_action"
    shopper.get(f"{order_path}/return?payment={second.public_id.hex}&canceled=1")
    second.refresh_from_db()
    assert second.status == "voided"


@pytest.mark.parametrize("meant", ["", "x", "0" * 32])
def test_a_return_that_names_no_payment_of_the_order_is_the_newest_ones(shopper, order_path, meant):
    shopper.get(f"{order_path}/return?payment={meant}&canceled=1")
    assert Payment.objects.get().status == "voided"


def test_until_when_it_can_be_paid_names_day_and_zone(shopper, order_path):
    Checkout.objects.update(status=CheckoutStatus.COMPLETED)
    Order.objects.update(expires_at=timezone.now() + timedelta(days=7))
    shopper.get(f"{order_path}/return?canceled=1")
    assert f"until {timezone.now() + timedelta(days=7):%-d %B %Y}" in text_of(shopper.get(order_path))


def test_a_canceled_order_says_what_became_of_its_money(shopper, order_path):
    Order.objects.update(status="canceled", captured_amount=0)
    assert "Nothing was charged" in text_of(shopper.get(order_path))
    Order.objects.update(captured_amount=3098, refunded_amount=3098)
    assert "What you paid went back: $30.98." in text_of(shopper.get(order_path))
    Order.objects.update(refunded_amount=0)
    assert "We will pay it back." in text_of(shopper.get(order_path))
    Order.objects.update(accepted_at=timezone.now())
    assert "What you paid goes back to where it came from." in text_of(shopper.get(order_path))


def test_a_part_that_was_paid_is_not_said_to_be_in_doubt(shopper, order_path):
    Payment.objects.update(status="captured", captured_amount=1000)
    Order.objects.update(takes_parts=True, captured_amount=1000)
    page = text_of(shopper.get(order_path))
    assert "$10.00 have arrived, $20.98 are still to be paid." in page
